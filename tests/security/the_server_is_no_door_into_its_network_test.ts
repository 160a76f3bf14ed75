/** Promise: what a tunnel leads past itself reaches public sites of others only, and tells nothing of the server's own network. */
import assert from "node:assert/strict";
import { callRest } from "../system/rest_calls.ts";
import { get, type Page } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { startServerProgram } from "../system/programs.ts";
import { runningSystem } from "../testing/running_system.ts";

/** What is said, without the name that it is said of. */
function withoutName({ status, text, error }: Page, name: string): unknown {
  return [status, text.replaceAll(name, "-"), error?.replaceAll(name, "-")];
}

Deno.test("known and unknown names get the same response", async () => {
  await using system = await runningSystem({
    client: { directDomains: ["all"] },
  });
  const { port } = system.proxyAddress;
  const ask = async (name: string, at = "") => {
    const url = `http://${name}${at}/`;
    return withoutName(
      await get(url, { port, credentials: CREDENTIALS }),
      name,
    );
  };

  const missing = await ask("surely-nothing.invalid");

  // This machine by two names and an address, its network, and other ports.
  for (const name of ["localhost", "127.0.0.1", "10.0.0.1", "169.254.1.1"]) {
    assert.deepEqual(await ask(name), missing, name);
  }
  assert.deepEqual(await ask("192.0.2.1", ":22"), missing);
  const rest = new URL(system.server.url).port;
  assert.deepEqual(await ask("127.0.0.1", `:${rest}`), missing);
});

Deno.test("a tunnel without a client leads nowhere", async () => {
  await using server = await startServerProgram();
  const created = await callRest(server, {
    method: "POST",
    path: "",
    body: { "tunnel_identifier": "lab", "direct_domains": ["all"] },
  });
  assert.equal(created.status, 201, created.text);

  const page = await get("http://surely-nothing.invalid/", server.proxy);

  assert.equal(page.status, 503);
  assert.match(page.error ?? "", /^no_session /);
});
