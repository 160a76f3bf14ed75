import assert from "node:assert/strict";

import type { PlainRequest } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { addForwarded, hasPassed, viaTag } from "../../src/http/forwarded.ts";

const US = { client: "10.0.0.7", tag: "sallyport-0" };

function request(...flat: string[]): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "a.test:81",
    path: "/b?c",
    fields: new Fields(flat),
    body: undefined,
  };
}

Deno.test("addForwarded() names the peer, what it requested, and the proxies between", () => {
  const { fields, ...rest } = request();

  addForwarded({ fields, ...rest }, US);

  assert.deepEqual([...fields], [
    ["X-Forwarded-For", "10.0.0.7"],
    ["X-Forwarded-Proto", "http"],
    ["X-Forwarded-Host", "a.test:81"],
    ["X-Forwarded-Url", "http://a.test:81/b?c"],
    ["Via", "1.1 sallyport-0"],
  ]);
});

Deno.test("addForwarded() adds to lists and keeps what is said already", () => {
  const { fields, ...rest } = request(
    ...["X-Forwarded-For", "1.1.1.1", "X-Forwarded-Proto", "https"],
    ...["Via", "1.0 a", "x-forwarded-host", "b.test", "Via", "1.1 b"],
  );

  addForwarded({ fields, ...rest }, US);

  assert.equal(fields.getList("x-forwarded-for"), "1.1.1.1, 10.0.0.7");
  assert.equal(fields.getList("x-forwarded-proto"), "https");
  assert.equal(fields.getList("x-forwarded-host"), "b.test");
  assert.equal(fields.getList("via"), "1.0 a, 1.1 b, 1.1 sallyport-0");
});

Deno.test("hasPassed() knows its own tag in any Via line, and no other's", () => {
  const tag = viaTag();

  assert.match(tag, /^sallyport-[0-9a-f]{20}$/);
  assert(hasPassed(request("Via", "1.1 a", "via", `1.1 b, 1.1 ${tag}`), tag));
  assert(!hasPassed(request("Via", `1.1 ${viaTag()}`), tag));
  assert(!hasPassed(request(), tag));
});
