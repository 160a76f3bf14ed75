import assert from "node:assert/strict";

import { startDebugProxy } from "../../../src/client/proxy/debug_proxy.ts";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import { Fields } from "../../../src/http/fields.ts";
import { get } from "../../testing/browser.ts";

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
