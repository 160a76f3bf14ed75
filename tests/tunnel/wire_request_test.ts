/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesBody } from "../../src/http/bytes_body.ts";
import type { ProxyRequest } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import {
  contentLength,
  decodeRequest,
  decodeSender,
  decodeTunnel,
  encodeRequest,
} from "../../src/tunnel/wire_request.ts";
import { request as anyRequest } from "./exchanges.ts";

Deno.test("encodeRequest() writes what RFC 9113 and RFC 8441 require", () => {
  const fields = new Fields(["Host", "a.test", "accept", "*/*"]);
  const common = { authority: "a.test", fields };

  assert.deepEqual(
    encodeRequest({
      ...{ kind: "request", method: "PUT", ...common, body: undefined },
      ...{ scheme: "http", path: "/a?b" },
    }),
    [
      ...[":method", "PUT", ":scheme", "http", ":path", "/a?b"],
      ...[":authority", "a.test", "accept", "*/*"],
    ],
  );
  assert.deepEqual(
    encodeRequest({
      ...{ kind: "upgrade", method: "GET", ...common, protocol: "websocket" },
      ...{ scheme: "https", path: "/" },
    }),
    [
      ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "https"],
      ...[":path", "/", ":authority", "a.test", "accept", "*/*"],
    ],
  );
  assert.deepEqual(
    encodeRequest({
      ...{ kind: "connect", method: "CONNECT" },
      ...{ authority: "a.test:443", fields },
    }),
    [":method", "CONNECT", ":authority", "a.test:443", "accept", "*/*"],
  );
});

Deno.test("requests of all kinds pass the wire unchanged", () => {
  fc.assert(fc.property(anyRequest, (request) => {
    const decoded = decodeRequest(encodeRequest(request), undefined);

    assert.deepEqual(plainOf(decoded), plainOf(request));
  }));
});

Deno.test("between nodes the tunnel passes beside the fields; one of a browser does not", () => {
  const tunnelId = "0123456789abcdef0123456789abcdef";
  const fields = new Fields(["Sallyport-Tunnel", "f".repeat(32)]);
  const request: ProxyRequest = {
    ...{ kind: "connect", method: "CONNECT", authority: "a.test:443", fields },
  };

  assert.equal(decodeTunnel(encodeRequest(request, { tunnelId })), tunnelId);
  assert.equal(decodeTunnel(encodeRequest(request)), undefined);
});

Deno.test("user and job pass beside the fields; those of a browser do not", () => {
  const fields = new Fields(["Sallyport-User", "eve", "Sallyport-Job", "x"]);
  const request: ProxyRequest = {
    ...{ kind: "connect", method: "CONNECT", authority: "a.test:443", fields },
  };

  for (const sender of [{ user: "jo@lab", job: "7" }, { user: "jo" }, {}]) {
    const list = encodeRequest(request, sender);

    assert.deepEqual(
      decodeSender(list),
      { user: undefined, job: undefined, ...sender },
    );
    assert.deepEqual([...decodeRequest(list, undefined).fields], []);
  }
});

Deno.test("decodeRequest() makes content of the length that was announced", () => {
  const { lengths, decode } = contentOf("POST");

  assert.ok(decode("content-length", "12").kind === "request");
  assert.ok(decode().kind === "request");
  assert.deepEqual(lengths, [12, undefined]);
});

Deno.test("decodeRequest() makes no content for what is not a plain request", () => {
  const { lengths, decode } = contentOf("CONNECT");

  assert.equal(decode().kind, "connect");
  assert.equal(decode(":protocol", "websocket").kind, "upgrade");
  assert.deepEqual(lengths, []);
});

Deno.test("decodeRequest() refuses a request that lacks a pseudo-header field", () => {
  const whole = [
    ...[":method", "GET", ":scheme", "http"],
    ...[":path", "/", ":authority", "a.test"],
  ];
  for (let at = 0; at < whole.length; at += 2) {
    const list = whole.toSpliced(at, 2);

    assert.throws(() => decodeRequest(list, undefined), {
      name: "TunnelError",
      code: "reset",
      message: `Cannot read a request: no "${whole[at]}"`,
    });
  }
});

Deno.test("decodeRequest() refuses a scheme that a proxy cannot speak", () => {
  const list = [
    ...[":method", "GET", ":scheme", "file"],
    ...[":path", "/etc/passwd", ":authority", "a.test"],
  ];

  assert.throws(() => decodeRequest(list, undefined), {
    code: "reset",
    message: 'Cannot read a request: scheme "file" is not http or https',
  });
});

Deno.test("contentLength() is undefined where nothing was announced", () => {
  assert.equal(contentLength(undefined), undefined);
  assert.equal(contentLength("0"), 0);
  assert.equal(contentLength("123"), 123);
});

/** What a comparison can look into. */
function plainOf(request: ProxyRequest): Record<string, unknown> {
  return { ...request, fields: request.fields.flat };
}

/** Decodes requests of one method, and the lengths of the content it had to make. */
function contentOf(method: string): {
  readonly lengths: (number | undefined)[];
  decode(...more: string[]): ProxyRequest;
} {
  const lengths: (number | undefined)[] = [];
  const isPlain = method !== "CONNECT";
  return {
    lengths,
    decode(...more) {
      const target = isPlain || more.length > 0
        ? [":scheme", "http", ":path", "/"]
        : [];
      const list = [":method", method, ":authority", "a.test", ...target];
      return decodeRequest([...list, ...more], (length) => {
        lengths.push(length);
        return bytesBody(new Uint8Array(0));
      });
    },
  };
}
