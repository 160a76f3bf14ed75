/**
 * HTTP/1.1: any message gives its own errors, and a response or none.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Http1Error } from "../../src/http1/errors.ts";
import {
  parseRequest,
  parseResponse,
} from "../../src/http1/parse/header_parser.ts";
import { toIncomingRequest } from "../../src/http1/server/incoming_request.ts";
import { answerOk, serveBytes } from "../http1/served.ts";
import { bytesOf } from "../testing/byte_scanner.ts";
import type { Random } from "../http2/hpack/random.ts";
import { damage, type FuzzTarget, pick } from "./target.ts";

const STARTS = [
  "GET / HTTP/1.1",
  "POST /a?b HTTP/1.1",
  "GET http://a.test:8080/ HTTP/1.1",
  "CONNECT a.test:443 HTTP/1.1",
  "OPTIONS * HTTP/1.0",
  "HTTP/1.1 200 OK",
  "HTTP/1.0 304 ",
];

/** What makes messages ambiguous when it comes twice or together. */
const FIELDS = [
  "Host: a.test",
  "Host: b.test",
  "Content-Length: 5",
  "Content-Length: 05",
  "Content-Length: 5, 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "Connection: close",
  "Connection: Upgrade, keep-alive",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "X: a\r\n b",
  "X:\x01",
];

const CONTENTS = [
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n",
];

/** A message of parts that are all known, seldom all in their place. */
function randomMessage(random: Random): Uint8Array {
  const ending = random(20) === 0 ? "\n" : "\r\n";
  const lines = [pick(random, STARTS)];
  if (random(3) > 0) lines.push("Host: a.test");
  for (let count = random(4); count > 0; count--) {
    lines.push(pick(random, FIELDS));
  }
  const text = lines.join(ending) + ending + ending + pick(random, CONTENTS);
  return random(2) === 0 ? bytesOf(text) : damage(random, bytesOf(text));
}

/** Heads of requests and responses. */
export const HTTP1_HEADS: FuzzTarget = {
  name: "the parsers of heads throw nothing but Http1Error",
  round(random) {
    const bytes = randomMessage(random);
    try {
      if (bytes[0] === 0x48) {
        parseResponse(bytes);
        return "response";
      }
      toIncomingRequest(parseRequest(bytes), "http");
      return "request";
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error;
      return "refused";
    }
  },
};

/** Whole connections with a few messages in a row. */
export const HTTP1_SERVER: FuzzTarget = {
  name: "serveHttp1() survives any messages",
  async round(random) {
    const bytes = Array.from(
      { length: 1 + random(3) },
      () => [...randomMessage(random)],
    ).flat();
    const { answer, seen, errors } = await serveBytes(
      String.fromCharCode(...bytes),
      {
        capacity: pick(random, [8, 65_536]),
        handler: answerOk,
        options: { headerTimeout: 5_000 },
      },
    );
    assert.ok(answer === "" || /^HTTP\/1\.1 [1-5]\d\d /.test(answer), answer);
    const isOwn = errors.every((error) => error.startsWith("Http1Error"));
    assert.ok(isOwn, errors.join());
    return seen.length === 0 ? "refused" : `${seen.length} requests`;
  },
};
