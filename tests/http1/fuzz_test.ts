/** Valid messages with seeded damage: no hang, no crash, no error but our own. */
import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import { Http1Connection } from "../../src/http1/client/connection.ts";
import { sendHttp1 } from "../../src/http1/client/send.ts";
import { Http1Error } from "../../src/http1/errors.ts";
import {
  parseRequest,
  parseResponse,
} from "../../src/http1/parse/header_parser.ts";
import { toIncomingRequest } from "../../src/http1/server/incoming_request.ts";
import { bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";
import { answerOk, contextOf, readBody, serveBytes } from "./served.ts";

const REQUESTS: readonly string[] = [
  "GET /a?b HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\n\r\n",
  "GET http://a.test:8080/ HTTP/1.1\r\nHost: a.test:8080\r\nProxy-Connection: close\r\n\r\n",
  "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\n\r\nhello world",
  "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nT: u\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "PUT / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
];

const ANSWERS: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n5\r\nhello\r\n0\r\nT: u\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.0 200 OK\r\nA: b\r\n\r\nuntil the end",
  "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
];

/** Bytes that have a meaning for a parser, more often than by chance. */
const SPECIAL = "\r\n\0 \t:;,0123456789abcdefx-+\x7f\xff/.@[]#%";

const SEED = Number(Deno.env.get("SEED") ?? 20_261_122);

Deno.test(`parseRequestHead() and parseResponseHead() throw nothing but Http1Error (SEED=${SEED})`, () => {
  const random = randomFrom(SEED);
  const thrown = new Set<string>();
  for (let round = 0; round < 40_000; round++) {
    const isRequest = round % 2 === 0;
    const bytes = bytesOf(
      damage(pick(isRequest ? REQUESTS : ANSWERS, random), random),
    );
    try {
      if (isRequest) toIncomingRequest(parseRequest(bytes), "http");
      else parseResponse(bytes);
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error;
      thrown.add(error.message);
    }
  }
  assert.ok(thrown.size > 10, "the damage finds many ways to be wrong");
});

Deno.test(`serveHttp1() survives damaged requests (SEED=${SEED})`, async () => {
  const random = randomFrom(SEED);
  for (let round = 0; round < 1_500; round++) {
    const message = Array.from(
      { length: 1 + round % 3 },
      () => damage(pick(REQUESTS, random), random),
    ).join("");
    const { answer, errors } = await serveBytes(message, {
      capacity: pick([8, 65_536], random),
      handler: answerOk,
      options: { headerTimeout: 5_000 },
    });
    const isAnswer = answer === "" || /^HTTP\/1\.1 [1-5]\d\d /.test(answer);
    assert.ok(isAnswer, JSON.stringify({ message, answer }));
    const isOwn = errors.every((error) => error.startsWith("Http1Error"));
    assert.ok(isOwn, JSON.stringify({ message, errors }));
  }
});

Deno.test(`sendHttp1() survives damaged responses (SEED=${SEED})`, async () => {
  const random = randomFrom(SEED);
  for (let round = 0; round < 1_500; round++) {
    const message = damage(pick(ANSWERS, random), random);
    const [near, far] = createMemoryDuplex(pick([64, 65_536], random));
    const connection = new Http1Connection(near);
    const playing = writeAll(far, bytesOf(message)).then(
      () => far.closeWrite(),
      () => {},
    );
    try {
      const response = await within(
        sendHttp1(connection, REQUEST, contextOf()),
        JSON.stringify(message),
      );
      if (response.kind === "response" && response.body !== undefined) {
        await within(readBody(response.body), JSON.stringify(message));
      }
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error;
    }
    connection.close();
    await playing;
    far.close();
  }
});

const REQUEST = {
  kind: "request",
  method: "GET",
  scheme: "http",
  authority: "a.test",
  path: "/",
  fields: new Fields(),
  body: undefined,
} as const;

/** Changes, removes, repeats or inserts a few bytes. */
function damage(message: string, random: () => number): string {
  let text = message;
  const times = Math.floor(random() * 4);
  for (let time = 0; time < times; time++) {
    const at = Math.floor(random() * text.length);
    const length = Math.floor(random() * 6);
    const inserted = pick([...SPECIAL], random);
    text = pick([
      text.slice(0, at) + inserted + text.slice(at + 1),
      text.slice(0, at) + inserted + text.slice(at),
      text.slice(0, at) + text.slice(at + length),
      text.slice(0, at) + text.slice(at, at + length) + text.slice(at),
      text.slice(0, at),
    ], random);
  }
  return text;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new RangeError("Nothing to pick from");
  return picked;
}

/** Numbers from 0 to 1 that are the same for the same seed (a linear congruential generator). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
