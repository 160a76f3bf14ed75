import assert from "node:assert/strict";

import { startDebugProxy } from "../../../src/client/proxy/debug_proxy.ts";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import { Fields } from "../../../src/http/fields.ts";
import { get } from "../../testing/browser.ts";
import { recordLog } from "../../testing/event_log.ts";
import { RawClient } from "../../testing/raw_client.ts";

Deno.test("startDebugProxy() passes the requests of curl to the handler", async () => {
  const asked: string[] = [];
  await using proxy = startDebugProxy(
    { hostname: "127.0.0.1", port: 0 },
    (request) => {
      asked.push(`${request.method} ${request.authority}`);
      const body = bytesBody(new TextEncoder().encode("seen\n"));
      const fields = new Fields();
      return Promise.resolve({ kind: "response", status: 200, fields, body });
    },
  );

  const { status, text } = await get("http://shop.test/", {
    port: proxy.address.port,
  });

  assert.deepEqual([status, text], [200, "seen\n"]);
  assert.deepEqual(asked, ["GET shop.test"]);
});

Deno.test("startDebugProxy() says where it listens, and gives each request its number", async () => {
  await using log = await recordLog();
  const seen: (string | boolean)[] = [];
  await using proxy = startDebugProxy(
    { hostname: "127.0.0.1", port: 0 },
    (_request, { id }) => {
      seen.push(id);
      const fields = new Fields();
      return Promise.resolve({
        ...{ kind: "response", status: 204, fields, body: undefined },
      });
    },
  );
  const { port } = proxy.address;
  const listening = log.matching("debug proxy listen", {
    address: `127.0.0.1:${port}`,
  });
  assert.equal(listening.length, 1);

  await get("http://shop.test/", { port });
  await get("http://shop.test/", { port });

  assert.deepEqual(seen, ["debug-1", "debug-2"]);
});

Deno.test("startDebugProxy() refuses what names no site, and logs it", async () => {
  await using log = await recordLog();
  await using proxy = startDebugProxy(
    { hostname: "127.0.0.1", port: 0 },
    () => assert.fail("asked"),
  );
  const { port } = proxy.address;
  using conn = await RawClient.connect({ port });

  await conn.send("GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n");

  assert.match(await conn.readHead(), /^HTTP\/1\.1 400 /);
  const [failed] = log.matching("request failed");
  assert.equal(failed?.fields["id"], "debug-1");
  assert.equal(failed?.fields["reason"], "origin_form");
  assert.match(String(failed?.fields["error"]), /This port is a proxy/);
});
