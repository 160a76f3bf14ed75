/** What a peer and a handler see of well-formed requests. */
import assert from "node:assert/strict";
import { bytesBody, textBody } from "../../../src/http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { serveHttp1 } from "../../../src/http1/server/serve.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";
import {
  answerOk,
  plain,
  readBody,
  serveBytes,
  startServing,
} from "../served.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const LAST = "GET /last HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

const UNDERSTOOD: readonly {
  readonly what: string;
  readonly message: string;
  readonly seen: string;
}[] = [
  [
    "origin form",
    "GET /a?b=c HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET http://a.test /a?b=c {Host: a.test}",
  ],
  [
    "absolute form",
    "GET http://a.test:81/a HTTP/1.1\r\nHost: a.test:81\r\n\r\n",
    "GET http://a.test:81 /a {Host: a.test:81}",
  ],
  [
    "an https URL",
    "GET HTTPS://a.test/a HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET https://a.test /a {Host: a.test}",
  ],
  [
    "a URL without a path",
    "GET http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
  [
    "a URL with only a query",
    "GET http://a.test?b HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET http://a.test /?b {Host: a.test}",
  ],
  [
    "a URL of another host than Host",
    "GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET http://b.test / {Host: b.test}",
  ],
  [
    "a URL with an empty Host",
    "GET http://b.test/ HTTP/1.1\r\nHost:\r\n\r\n",
    "GET http://b.test / {Host: b.test}",
  ],
  [
    "asterisk form",
    "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "OPTIONS http://a.test * {Host: a.test}",
  ],
  [
    "OPTIONS of a whole server",
    "OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "OPTIONS http://a.test * {Host: a.test}",
  ],
  [
    "authority form",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "CONNECT connect://a.test:443 {Host: a.test:443}",
  ],
  [
    "CONNECT to IPv6",
    "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
    "CONNECT connect://[::1]:443 {Host: [::1]:443}",
  ],
  [
    "CONNECT with a length of 0",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 0\r\n\r\n",
    "CONNECT connect://a.test:443 {Host: a.test:443, Content-Length: 0}",
  ],
  ["HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", "GET http:// /a {}"],
  [
    "an empty line first",
    "\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
  [
    "a method of its own",
    "purge / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "purge http://a.test / {Host: a.test}",
  ],
  [
    "order, case and repeats of fields",
    "GET / HTTP/1.1\r\nb: 1\r\nHost: a.test\r\nA: 2\r\nB:3\r\n\r\n",
    "GET http://a.test / {b: 1, Host: a.test, A: 2, B: 3}",
  ],
  [
    "blanks around values",
    "GET / HTTP/1.1\r\nHost: \t a.test \t\r\nA:\r\nB: c d\t\r\n\r\n",
    "GET http://a.test / {Host: a.test, A: , B: c d}",
  ],
  [
    "high bytes in values",
    "GET / HTTP/1.1\r\nHost: a.test\r\nA: \x80\xe4\xff\r\n\r\n",
    "GET http://a.test / {Host: a.test, A: \x80\xe4\xff}",
  ],
  [
    "a length",
    "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc",
    "POST http://a.test / {Host: a.test, Content-Length: 3} abc",
  ],
  [
    "a length with zeros before",
    "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 003\r\n\r\nabc",
    "POST http://a.test / {Host: a.test, Content-Length: 003} abc",
  ],
  [
    "a length of 0",
    "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n",
    "POST http://a.test / {Host: a.test, Content-Length: 0}",
  ],
  [
    "chunks",
    'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00002;x="y"\r\nde\r\nA\r\n0123456789\r\n0\r\n\r\n',
    "POST http://a.test / {Host: a.test} abcde0123456789",
  ],
  [
    "content of a GET",
    "GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc",
    "GET http://a.test / {Host: a.test, Content-Length: 3} abc",
  ],
  [
    "no fields of the connection",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: X-A, keep-alive\r\nX-A: 1\r\nX-B: 2\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nTrailer: Z\r\nUpgrade: q\r\n\r\n",
    "GET http://a.test / {Host: a.test, X-B: 2}",
  ],
  [
    "credentials for the handler",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Proxy-Authorization, Host\r\nProxy-Authorization: Basic eA==\r\n\r\n",
    "GET http://a.test / {Host: a.test, Proxy-Authorization: Basic eA==}",
  ],
  [
    "an upgrade",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n",
    "GET http://a.test / ^websocket {Host: a.test, Sec-WebSocket-Key: k}",
  ],
  [
    "an upgrade by a WebSocket URL",
    "GET ws://a.test:8080/a HTTP/1.1\r\nHost: a.test:8080\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
    "GET http://a.test:8080 /a ^WebSocket {Host: a.test:8080}",
  ],
  [
    "an upgrade by a WebSocket URL over TLS",
    "GET WSS://a.test/a HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "GET https://a.test /a ^websocket {Host: a.test}",
  ],
  [
    "a no-break space beside an option as another option",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\xa0\r\nUpgrade: websocket\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
  [
    "a no-break space beside a protocol as another protocol",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\xa0\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
  [
    "chunk extensions of every form",
    'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3; a ; b\t=\tc;d="e;\\"f"\r\nabc\r\n0;g\r\n\r\n',
    "POST http://a.test / {Host: a.test} abc",
  ],
  [
    "an upgrade with content as a request",
    "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc",
    "POST http://a.test / {Host: a.test, Content-Length: 3} abc",
  ],
  [
    "an upgrade to h2c as a request",
    "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
  [
    "an upgrade that Connection does not name as a request",
    "GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\r\n",
    "GET http://a.test / {Host: a.test}",
  ],
].map(([what = "", message = "", seen = ""]) => ({ what, message, seen }));

for (const capacity of [65_536, 8]) {
  Deno.test.each(UNDERSTOOD)(
    `serveHttp1() understands $what (through ${capacity} bytes)`,
    async ({ message, seen }) => {
      const served = await serveBytes(message, { capacity });

      assert.deepEqual(served.seen, [seen]);
      assert.deepEqual(served.errors, []);
    },
  );
}

Deno.test("serveHttp1() responds to pipelined requests in order", async () => {
  const { answer, seen } = await serveBytes(
    "POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc" +
      "POST /2 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" +
      "\r\nGET /3 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n" + GET,
    {
      handler: async (request) => {
        await answerOk(request);
        return plain(200, request.kind === "connect" ? "" : request.path);
      },
    },
  );

  assert.deepEqual(seen.map((line) => line.split(" ")[2]), ["/1", "/2", "/3"]);
  assert.equal(
    answer,
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/1" +
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/2" +
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n/3",
  );
});

Deno.test("serveHttp1() forwards the trailers of a request", async () => {
  let trailers: Fields | undefined;

  await serveBytes(
    "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\nHost: c\r\nConnection: d\r\n\r\n",
    {
      handler: async (request) => {
        const body = bodyOf(request);
        await readBody(body);
        trailers = body.trailers;
        return plain(200, "");
      },
    },
  );

  assert.deepEqual(trailers?.flat, ["A", "b"]);
});

const ANSWERS: readonly {
  readonly what: string;
  readonly request: string;
  readonly response: ProxyResponse | (() => ProxyResponse);
  readonly answer: string;
}[] = [
  {
    what: "chunks and trailers when the length is unknown",
    request: LAST,
    response: () => answer(200, [], unknownLength(["ab", "cde"], ["T", "u"])),
    answer:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\nT: u\r\n\r\n",
  },
  {
    what: "HTTP/1.0 by ending the connection when the length is unknown",
    request: "GET / HTTP/1.0\r\n\r\n",
    response: () => answer(200, [], unknownLength(["ab", "cde"])),
    answer: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde",
  },
  {
    what: "HTTP/1.0 and keeps the connection on request",
    request:
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    response: () => answer(200, [], textBody("ab")),
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab",
  },
  {
    what: "HTTP/1.0 through a proxy and ends the connection",
    request:
      `GET http://a.test/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${GET}`,
    response: () => answer(200, [], textBody("ab")),
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab",
  },
  {
    what: "with the body's length, in the place of the field",
    request: LAST,
    response: () =>
      answer(200, ["content-length", "9", "A", "b"], textBody("ab")),
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\nConnection: close\r\n\r\nab",
  },
  {
    what: "without fields of another connection",
    request: LAST,
    response: () =>
      answer(200, [
        "Connection",
        "x",
        "Transfer-Encoding",
        "gzip",
        "Keep-Alive",
        "1",
        "A",
        "b",
      ], textBody("ab")),
    answer:
      "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab",
  },
  {
    what: "nothing with a length of 0",
    request: LAST,
    response: () => answer(200, [], undefined),
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
  },
  {
    what: "HEAD with the length of the origin and no content",
    request: "HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
    response: () => answer(200, ["Content-Length", "12345"], undefined),
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nConnection: close\r\n\r\n",
  },
  {
    what: "HEAD without content that the handler gives",
    request: "HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
    response: () => answer(200, [], textBody("abc")),
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
  },
  {
    what: "304 with the length of the origin and no content",
    request: LAST,
    response: () =>
      answer(304, ["Content-Length", "12345", "ETag", "x"], undefined),
    answer:
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 12345\r\nETag: x\r\nConnection: close\r\n\r\n",
  },
  {
    what: "204 without any length",
    request: LAST,
    response: () => answer(204, ["Content-Length", "3"], undefined),
    answer: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
  },
  {
    what: "a status without registered words",
    request: LAST,
    response: () => answer(599, [], textBody("x")),
    answer: "HTTP/1.1 599 \r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
  },
  {
    what: "CONNECT with what was refused",
    request:
      "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nConnection: close\r\n\r\n",
    response: () => answer(403, [], textBody("no")),
    answer:
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
  },
];

for (const capacity of [65_536, 8]) {
  Deno.test.each(ANSWERS)(
    `serveHttp1() responds: $what (through ${capacity} bytes)`,
    async ({ request, response, answer }) => {
      const served = await serveBytes(request, {
        capacity,
        handler: () =>
          Promise.resolve(
            typeof response === "function" ? response() : response,
          ),
      });

      assert.equal(served.answer, answer);
    },
  );
}

Deno.test("serveHttp1() writes every status from 200 to 599", async () => {
  let status = 200;
  const requests = GET.repeat(399) + LAST;

  const { answer: text } = await serveBytes(requests, {
    handler: () => Promise.resolve(answer(status++, [], undefined)),
  });

  const got = Array.from(
    text.matchAll(/^HTTP\/1\.1 (\d+) /gm),
    ([, code]) => Number(code),
  );
  assert.deepEqual(got, Array.from({ length: 400 }, (_, at) => 200 + at));
});

Deno.test("serveHttp1() sends a small response in one write", async () => {
  const writes: string[] = [];
  const [client, conn] = createMemoryDuplex(65_536);
  const done = serveHttp1(
    {
      read: (into) => conn.read(into),
      write: (bytes) => {
        writes.push(textOf(bytes));
        return conn.write(bytes);
      },
      closeWrite: () => conn.closeWrite(),
      close: () => conn.close(),
    },
    () => Promise.resolve(answer(200, [], unknownLength(["ab", "cde"]))),
    {
      signal: new AbortController().signal,
    },
  );

  await writeAll(client, bytesOf(GET));
  await client.closeWrite();
  await new ByteScanner(client).readAll();
  client.close();
  await done;

  assert.deepEqual(writes.length, 1);
});

Deno.test("serveHttp1() sends the header section and each piece as soon as they are there", async () => {
  const pieces = [
    Promise.withResolvers<string>(),
    Promise.withResolvers<string>(),
  ];
  let at = 0;
  await using served = startServing(() =>
    Promise.resolve(answer(200, [], {
      length: undefined,
      trailers: undefined,
      async read(into) {
        const piece = await pieces[at++]?.promise;
        if (piece === undefined) return null;
        into.set(bytesOf(piece));
        return piece.length;
      },
      cancel() {},
    }))
  );
  const client = new ByteScanner(served.client);
  await writeAll(served.client, bytesOf(GET));

  await client.readThrough("\r\n\r\n");
  pieces[0]?.resolve("data: 1");
  const first = await client.readThrough("data: 1\r\n");
  pieces[1]?.resolve("data: 2");
  const rest = await client.readThrough("0\r\n\r\n");

  assert.equal(`${first}${rest}`, "7\r\ndata: 1\r\n7\r\ndata: 2\r\n0\r\n\r\n");
});

Deno.test("serveHttp1() cancels the content when the peer's connection breaks", async () => {
  const cancelled = Promise.withResolvers<void>();
  const [client, conn] = createMemoryDuplex();
  const { promise: never, reject } = Promise.withResolvers<number | null>();
  const done = serveHttp1(
    conn,
    () =>
      Promise.resolve(answer(200, [], {
        length: undefined,
        trailers: undefined,
        read: () => never,
        cancel(reason) {
          cancelled.resolve();
          reject(reason);
        },
      })),
    { signal: new AbortController().signal },
  );
  await writeAll(client, bytesOf(GET));
  await new ByteScanner(client).readThrough("\r\n\r\n");

  client.cut();

  await cancelled.promise;
  await done;
});

Deno.test("serveHttp1() cuts the connection when the content breaks off", async () => {
  const { answer: text, errors } = await serveBytes(GET + GET, {
    end: false,
    handler: () =>
      Promise.resolve(
        answer(
          200,
          [],
          unknownLength(["abc"], undefined, new Error("origin died")),
        ),
      ),
  });

  assert.equal(
    text,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  );
  assert.deepEqual(errors, ["Error: origin died"]);
});

Deno.test("serveHttp1() cuts the connection when the content is shorter than its length", async () => {
  const { answer: text } = await serveBytes(GET + GET, {
    end: false,
    handler: () =>
      Promise.resolve(
        answer(200, [], { ...unknownLength(["abc"]), length: 5 }),
      ),
  });

  assert.match(text, /Content-Length: 5\r\n\r\nabc$/);
});

Deno.test("serveHttp1() never sends more than the length", async () => {
  const { answer: text } = await serveBytes(LAST, {
    handler: () =>
      Promise.resolve(
        answer(200, [], { ...unknownLength(["abcdef"]), length: 5 }),
      ),
  });

  assert.match(text, /\r\n\r\nabcde$/);
});

Deno.test("serveHttp1() responds 500 without details when the handler throws", async () => {
  const { answer: text, errors } = await serveBytes(LAST, {
    handler: () => Promise.reject(new Error("secret")),
  });

  assert.match(text, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
  assert.doesNotMatch(text, /secret/);
  assert.deepEqual(errors, ["Error: secret"]);
});

Deno.test("serveHttp1() responds 500 when the handler's fields would split the response", async () => {
  const { answer: text } = await serveBytes(LAST, {
    handler: () =>
      Promise.resolve(answer(200, ["A", "b\r\nSet-Cookie: c"], undefined)),
  });

  assert.match(text, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(text, /Set-Cookie/);
});

Deno.test("serveHttp1() responds 500 to CONNECT when the handler responds 200 with content", async () => {
  const { answer: text } = await serveBytes(
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
    { handler: () => Promise.resolve(plain(200, "not a tunnel")) },
  );

  assert.match(text, /^HTTP\/1\.1 500 /);
});

Deno.test("serveHttp1() keeps the connection when the handler leaves content unread", async () => {
  const { answer: text } = await serveBytes(
    `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\n${
      "x".repeat(1000)
    }` + LAST,
    { handler: () => Promise.resolve(plain(200, "ok")) },
  );

  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
});

Deno.test("serveHttp1() ends the connection when too much content is left unread", async () => {
  const { answer: text, seen } = await serveBytes(
    `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5000000\r\n\r\n${
      "x".repeat(5_000_000)
    }` + GET,
    { handler: () => Promise.resolve(plain(200, "ok")) },
  );

  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 1);
  assert.equal(seen.length, 1);
});

Deno.test("serveHttp1() ends the connection when a tunnel is refused and bytes for it have come", async () => {
  const { answer: text, seen } = await serveBytes(
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n" + GET,
    { end: false },
  );

  assert.match(text, /^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close/);
  assert.equal(seen.length, 1);
});

Deno.test("serveHttp1() sends 100 when the handler begins to read", async () => {
  await using served = startServing(answerOk);
  const client = new ByteScanner(served.client);

  await writeAll(
    served.client,
    bytesOf(
      "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    ),
  );
  const interim = await client.readThrough("\r\n\r\n");
  await writeAll(served.client, bytesOf("abc"));
  const head = await client.readThrough("\r\n\r\n");

  assert.equal(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  assert.equal(head, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
});

Deno.test("serveHttp1() sends 100 once when the handler wants it, and keeps the order of interim responses", async () => {
  const { answer: text } = await serveBytes(
    "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
    {
      end: false,
      handler: (_request, context) => {
        context.inform(103, new Fields(["Link", "</a>"]));
        context.inform(100, new Fields());
        context.inform(100, new Fields());
        return Promise.resolve(plain(200, "ok"));
      },
    },
  );

  assert.match(
    text,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
  );
});

Deno.test("serveHttp1() ends the connection when a peer waits for a 100 that it does not get", async () => {
  const { answer: text } = await serveBytes(
    "POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    { end: false, handler: () => Promise.resolve(plain(417, "no")) },
  );

  assert.equal(
    text,
    "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
  );
});

Deno.test("serveHttp1() sends no interim response to HTTP/1.0", async () => {
  const { answer: text } = await serveBytes(
    "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    {
      handler: async (request, context) => {
        context.inform(103, new Fields());
        return await answerOk(request);
      },
    },
  );

  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
});

Deno.test("serveHttp1() responds 400 when the content is cut short", async () => {
  const { answer: text } = await serveBytes(
    "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nabc",
  );

  assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n/);
});

Deno.test("serveHttp1() opens a tunnel whose first bytes came with the request", async () => {
  const [near, far] = createMemoryDuplex(64);
  await using served = startServing(() =>
    Promise.resolve({
      kind: "stream",
      status: 200,
      fields: new Fields(),
      stream: near,
    })
  );
  const client = new ByteScanner(served.client);

  await writeAll(
    served.client,
    bytesOf("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\nearly"),
  );
  const head = await client.readThrough("\r\n\r\n");
  await writeAll(served.client, bytesOf(" and late"));
  await served.client.closeWrite();
  const there = textOf(await new ByteScanner(far).readAll());
  await writeAll(far, bytesOf("answer after the end"));
  await far.closeWrite();
  const back = textOf(await client.readAll());

  assert.equal(head, "HTTP/1.1 200 OK\r\n\r\n");
  assert.equal(there, "early and late");
  assert.equal(back, "answer after the end");
  await served.done;
});

Deno.test("serveHttp1() switches the protocol", async () => {
  const [near, far] = createMemoryDuplex(64);
  await using served = startServing(() =>
    Promise.resolve({
      kind: "stream",
      status: 101,
      fields: new Fields(["Sec-WebSocket-Accept", "x"]),
      stream: near,
    })
  );
  const client = new ByteScanner(served.client);

  await writeAll(
    served.client,
    bytesOf(
      "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ),
  );
  const head = await client.readThrough("\r\n\r\n");
  far.close();

  assert.equal(
    head,
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
  );
});

Deno.test("serveHttp1() ends an idle connection at once when its signal is aborted", async () => {
  await using served = startServing(answerOk);
  const client = new ByteScanner(served.client);
  await writeAll(served.client, bytesOf(GET));
  await client.readThrough("ok");

  served.stop();

  assert.equal(textOf(await client.readAll()), "");
  await served.done;
});

Deno.test("serveHttp1() finishes the current exchange when its signal is aborted", async () => {
  const answering = Promise.withResolvers<ProxyResponse>();
  const asked = Promise.withResolvers<void>();
  await using served = startServing(() => {
    asked.resolve();
    return answering.promise;
  });
  await writeAll(served.client, bytesOf(GET));
  await asked.promise;

  served.stop();
  answering.resolve(plain(200, "ok"));

  assert.equal(
    textOf(await new ByteScanner(served.client).readAll()),
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
  );
});

Deno.test("serveHttp1() responds to a peer that has ended its side", async () => {
  let signal: AbortSignal | undefined;
  await using served = startServing(async (request, context) => {
    signal = context.signal;
    return await answerOk(request);
  });

  await writeAll(served.client, bytesOf(GET));
  await served.client.closeWrite();

  assert.match(
    textOf(await new ByteScanner(served.client).readAll()),
    /Connection: close\r\n\r\nok$/,
  );
  assert.equal(signal?.aborted, false);
});

Deno.test("serveHttp1() aborts the exchange of a peer that has ended its side and waits too long", async () => {
  const given = Promise.withResolvers<void>();

  const { answer } = await serveBytes(
    "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    {
      async handler(_request, { signal }) {
        signal.addEventListener("abort", () => given.resolve());
        await given.promise;
        throw signal.reason;
      },
      options: { halfCloseTimeout: 1 },
    },
  );

  assert.equal(answer, "");
});

Deno.test("serveHttp1() responds 408 when a header section does not come in time", async () => {
  const { answer: text, errors } = await serveBytes("GET / HT", {
    end: false,
    options: { headerTimeout: 20 },
  });

  assert.match(
    text,
    /^HTTP\/1\.1 408 Request Timeout\r\n[^]*Connection: close/,
  );
  assert.equal(errors.length, 1);
});

Deno.test("serveHttp1() closes a silent connection without a response", async () => {
  const { answer: text } = await serveBytes("", {
    end: false,
    options: { headerTimeout: 20 },
  });

  assert.equal(text, "");
});

Deno.test("serveHttp1() closes a connection that was idle for too long", async () => {
  const { answer: text } = await serveBytes(GET, {
    end: false,
    options: { idleTimeout: 20 },
  });

  assert.match(text, /\r\n\r\nok$/);
});

Deno.test("serveHttp1() gives each exchange an id of its own", async () => {
  const ids = new Set<string>();

  await serveBytes(GET + GET + LAST, {
    handler: (_request, { id }) => {
      ids.add(id);
      return Promise.resolve(plain(200, ""));
    },
  });

  assert.equal(ids.size, 3);
});

Deno.test("serveHttp1() does not let a body be read when its exchange is over", async () => {
  let kept: Body | undefined;
  const { answer: text } = await serveBytes(
    "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc" + LAST,
    {
      handler: async (request) => {
        if (kept === undefined) kept = bodyOf(request);
        else {await assert.rejects(kept.read(new Uint8Array(9)), {
            code: "cancelled",
          });}
        return plain(200, "");
      },
    },
  );

  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
});

Deno.test("serveHttp1() refuses to inform with a status that is not interim", async () => {
  const thrown: string[] = [];
  const inform = (context: ExchangeContext, status: number) => {
    try {
      context.inform(status, new Fields());
    } catch (error) {
      thrown.push(String(error));
    }
  };

  await serveBytes(LAST, {
    handler: (_request, context) => {
      for (const status of [101, 200, 99]) inform(context, status);
      return Promise.resolve(plain(200, ""));
    },
  });

  assert.deepEqual(thrown, [
    "RangeError: Cannot inform with 101: respond with a stream",
    "RangeError: Cannot inform with 200: it is not 1xx",
    "RangeError: Cannot inform with 99: it is not 1xx",
  ]);
});

function answer(
  status: number,
  fields: string[],
  body: Body | undefined,
): ProxyResponse {
  return { kind: "response", status, fields: new Fields(fields), body };
}

function bodyOf(request: ProxyRequest): Body {
  assert.ok(request.kind === "request" && request.body !== undefined);
  return request.body;
}

/** Content in pieces without a declared length; optionally fails at the end. */
function unknownLength(
  pieces: readonly string[],
  trailers?: string[],
  failure?: Error,
): Body {
  const waiting = pieces.map((piece) => bytesBody(bytesOf(piece)));
  return {
    length: undefined,
    trailers: trailers && new Fields(trailers),
    async read(into) {
      for (const piece of waiting) {
        const count = await piece.read(into);
        if (count !== null) return count;
      }
      if (failure !== undefined) throw failure;
      return null;
    },
    cancel() {},
  };
}
