/**
 * Promise: a page of another site learns nothing of a client that runs on the
 * same machine as the browser, also when the site's name leads to this machine
 * (DNS rebinding).
 *
 * @module
 */
import assert from "node:assert/strict";
import { RawClient } from "../testing/raw_client.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";

const ANY_PORT = { hostname: "127.0.0.1", port: 0 };

Deno.test("the status API on this machine responds only under its own names", async () => {
  await using server = await startTestServer();
  await using client = await startTestClient(server, {
    apiAddress: ANY_PORT,
    configz: "the-whole-configuration",
  });
  const port = Number(new URL(client.apiUrl ?? "").port);
  const ask = async (path: string, host: string) => {
    using raw = await RawClient.connect({ port });
    await raw.send(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    return await raw.readAll();
  };

  for (const path of ["/", "/info", "/configz", "/metrics"]) {
    const answer = await ask(path, `rebound.test:${port}`);
    assert.match(answer, /^HTTP\/1\.1 403 /, path);
    assert.doesNotMatch(answer, /the-whole-configuration|lab|dialer/, path);
  }
  assert.match(
    await ask("/configz", `localhost:${port}`),
    /^HTTP\/1\.1 200 [^]*the-whole-configuration/,
  );
});
