import assert from "node:assert/strict";
import type {
  PlainRequest,
  ProxyRequest,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { limitForwards } from "../../src/proxy/max_forwards.ts";
import { ByteScanner, textOf } from "../testing/byte_scanner.ts";
import { contextOf, get } from "./requests.ts";

/** The response to a request with these fields, and the request that went on. */
async function exchange(
  method: string,
  fields: string[],
): Promise<{ response: ProxyResponse; passed: ProxyRequest | undefined }> {
  let passed: ProxyRequest | undefined;
  const handler = limitForwards((request) => {
    passed = request;
    return Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
  });
  const request: PlainRequest = {
    ...get("a.test:8080"),
    ...{ method, path: method === "OPTIONS" ? "*" : "/a?b" },
    fields: new Fields(fields),
  };
  return { response: await handler(request, contextOf()), passed };
}

Deno.test.each([
  ["OPTIONS", "2", "1"],
  ["OPTIONS", "1", "0"],
  ["TRACE", "999999999", "999999998"],
  ["TRACE", "010", "9"],
  // Not a number of proxies, or a method that does not count them.
  ["TRACE", "", ""],
  ["TRACE", "-1", "-1"],
  ["TRACE", "0x1", "0x1"],
  ["TRACE", "1\xa0", "1\xa0"],
  ["TRACE", "9999999999", "9999999999"],
  ["GET", "0", "0"],
  ["options", "0", "0"],
])(
  "limitForwards() passes %s with %s on as %s",
  async (method, before, after) => {
    const { response, passed } = await exchange(method, [
      "max-forwards",
      before,
    ]);

    assert.equal(response.status, 204);
    assert.equal(passed?.fields.get("Max-Forwards"), after);
  },
);

Deno.test("limitForwards() responds to an OPTIONS that may go no further", async () => {
  const { response, passed } = await exchange("OPTIONS", ["Max-Forwards", "0"]);

  assert.equal(passed, undefined);
  assert.equal(response.status, 200);
  assert.ok(response.kind === "response" && response.body === undefined);
});

Deno.test("limitForwards() shows a TRACE that may go no further how it came, without secrets", async () => {
  const { response, passed } = await exchange("TRACE", [
    ...["Host", "a.test:8080", "Via", "1.1 one", "Cookie", "s=secret"],
    ...["max-forwards", "0", "AUTHORIZATION", "Basic secret", "X", "\xe4"],
    ...["Proxy-Authorization", "Basic secret"],
  ]);

  assert.equal(passed, undefined);
  assert.equal(response.status, 200);
  assert.equal(response.fields.get("content-type"), "message/http");
  assert.ok(response.kind === "response" && response.body !== undefined);
  assert.equal(
    textOf(await new ByteScanner(response.body).readAll()),
    "TRACE http://a.test:8080/a?b HTTP/1.1\r\nHost: a.test:8080\r\n" +
      "Via: 1.1 one\r\nmax-forwards: 0\r\nX: \xe4\r\n\r\n",
  );
});
