/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ProxyRequest, ProxyResponse } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import {
  decodeResponse,
  encodeInterim,
  encodeResponse,
} from "../../src/tunnel/wire_response.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";
import { fields as anyFields, request as anyRequest } from "./exchanges.ts";

const GET: ProxyRequest = {
  ...{ kind: "request", method: "GET", authority: "a.test" },
  ...{ scheme: "http", path: "/", fields: new Fields(), body: undefined },
};
const UPGRADE: ProxyRequest = {
  ...{ kind: "upgrade", method: "GET", authority: "a.test", scheme: "http" },
  ...{ path: "/", protocol: "websocket", fields: new Fields() },
};
const CONNECT: ProxyRequest = {
  ...{ kind: "connect", method: "CONNECT", authority: "a.test:443" },
  fields: new Fields(),
};

/** A response without content. */
function plain(status: number, fields: Fields = new Fields()): ProxyResponse {
  return { kind: "response", status, fields, body: undefined };
}

/** The response that begins a flow of bytes. */
function switching(status: number, ...flat: string[]): ProxyResponse {
  const [stream] = createMemoryDuplex();
  return { kind: "stream", status, fields: new Fields(flat), stream };
}

Deno.test("responses to requests of all kinds pass the wire unchanged", () => {
  const status = fc.integer({ min: 200, max: 999 });
  fc.assert(
    fc.property(anyRequest, status, anyFields, (request, code, fields) => {
      const list = encodeResponse(plain(code, fields), request);
      const head = decodeResponse(list, request);

      assert.equal(head.status, code);
      assert.deepEqual(head.fields.flat, fields.flat);
      assert.equal(head.switched, request.kind === "connect" && code < 300);
    }),
  );
});

Deno.test("an origin's 101 travels as 200 and comes out as 101", () => {
  const response = switching(101, "Sec-WebSocket-Accept", "abc");

  const list = encodeResponse(response, UPGRADE);

  assert.deepEqual(list.slice(0, 2), [":status", "200"]);
  const { status, switched, fields } = decodeResponse(list, UPGRADE);
  assert.equal(status, 101);
  assert.ok(switched);
  assert.deepEqual(fields.flat, ["Sec-WebSocket-Accept", "abc"]);
});

Deno.test("an origin that declines an Upgrade with 200 stays a 200", () => {
  const forged = new Fields(["sallyport-upgraded", "websocket"]);

  const list = encodeResponse(plain(200, forged), UPGRADE);

  const { status, switched, fields } = decodeResponse(list, UPGRADE);
  assert.equal(status, 200);
  assert.ok(!switched);
  assert.deepEqual(fields.flat, []);
});

Deno.test("only an Upgrade can have a switch of protocols as its response", () => {
  const list = [":status", "200", "sallyport-upgraded", "websocket"];

  assert.ok(!decodeResponse(list, GET).switched);
});

Deno.test("a CONNECT begins a flow of bytes with any 2xx, and with nothing else", () => {
  const list = encodeResponse(switching(200), CONNECT);
  assert.deepEqual(list, [":status", "200"]);

  const statuses = [200, 204, 299, 300, 403, 502];
  const switched = statuses.filter((status) =>
    decodeResponse([":status", String(status)], CONNECT).switched
  );
  assert.deepEqual(switched, [200, 204, 299]);
});

Deno.test("an interim response passes with its fields", () => {
  const link = new Fields(["Link", "</a.css>; rel=preload"]);

  const list = encodeInterim(103, link);

  const { status, fields } = decodeResponse(list, GET);
  assert.equal(status, 103);
  assert.deepEqual(fields.flat, link.flat);
});

Deno.test("decodeResponse() refuses a response without a status", () => {
  for (
    const list of [[], ["a", "1"], [":status", ""], [":status", "ok"], [
      ":status",
      "99",
    ], [":status", "1000"]]
  ) {
    assert.throws(() => decodeResponse(list, GET), {
      name: "TunnelError",
      code: "reset",
      message: "Cannot read a response: it has no status",
    });
  }
});
