/** What an origin receives, and what its response becomes. */
import assert from "node:assert/strict";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import type {
  Body,
  PlainRequest,
  ProxyResponse,
  UpgradeRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { Http1Connection } from "../../../src/http1/client/connection.ts";
import {
  sendHttp1,
  type SendHttp1Options,
} from "../../../src/http1/client/send.ts";
import { Http1Error } from "../../../src/http1/errors.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../../testing/byte_scanner.ts";
import { within } from "../../testing/deadline.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../../testing/memory_duplex.ts";
import { contextOf, readBody } from "../served.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** An origin in memory, controlled by a test. */
class HandOrigin implements Disposable {
  readonly conn: MemoryConn;
  readonly scanner: ByteScanner;
  readonly connection: Http1Connection;
  readonly released: boolean[] = [];

  constructor(capacity = 65_536) {
    const [near, far] = createMemoryDuplex(capacity);
    this.conn = far;
    this.scanner = new ByteScanner(far);
    this.connection = new Http1Connection(near);
  }

  /** Sends a request; `answer` is all that the origin sends, in one write. */
  async ask(
    request: PlainRequest | UpgradeRequest,
    answer: string,
    options: SendHttp1Options & { readonly end?: boolean } = {},
  ): Promise<ProxyResponse> {
    const answering = this.#say(answer, options.end ?? false);
    const response = await this.send(request, options);
    await answering;
    return response;
  }

  send(
    request: PlainRequest | UpgradeRequest,
    options: SendHttp1Options = {},
  ): Promise<ProxyResponse> {
    const release = (reusable: boolean) => void this.released.push(reusable);
    return within(
      sendHttp1(this.connection, request, contextOf(), { release, ...options }),
      "the response",
    );
  }

  [Symbol.dispose](): void {
    this.connection.close();
    this.conn.close();
  }

  async #say(answer: string, end: boolean): Promise<void> {
    try {
      await writeAll(this.conn, bytesOf(answer));
      if (end) await this.conn.closeWrite();
    } catch {
      // The caller has closed the connection; its result is checked.
    }
  }
}

const SENT: readonly {
  readonly what: string;
  readonly request: PlainRequest | UpgradeRequest;
  readonly form?: "absolute";
  readonly bytes: string;
}[] = [
  {
    what: "Host first",
    request: get(["A", "b"]),
    bytes: "GET /a HTTP/1.1\r\nHost: a.test\r\nA: b\r\n\r\n",
  },
  {
    what: "Host where it stands",
    request: get(["A", "b", "host", "a.test"]),
    bytes: "GET /a HTTP/1.1\r\nA: b\r\nhost: a.test\r\n\r\n",
  },
  {
    what: "a URL to a proxy",
    request: get([]),
    form: "absolute",
    bytes: "GET http://a.test/a HTTP/1.1\r\nHost: a.test\r\n\r\n",
  },
  {
    what: "OPTIONS * to a proxy",
    request: { ...get([]), method: "OPTIONS", path: "*" },
    form: "absolute",
    bytes: "OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
  },
  {
    what: "a length",
    request: post(bytesBody(bytesOf("abc"))),
    bytes: "POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc",
  },
  {
    what: "the body's length in the place of the field",
    request: post(bytesBody(bytesOf("abc")), ["Content-Length", "9", "A", "b"]),
    bytes:
      "POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nA: b\r\n\r\nabc",
  },
  {
    what: "one length for two fields",
    request: post(bytesBody(bytesOf("abc")), [
      "Content-Length",
      "3",
      "content-length",
      "4",
    ]),
    bytes: "POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc",
  },
  {
    what: "chunks and trailers",
    request: post({
      ...bytesBody(bytesOf("abc")),
      length: undefined,
      trailers: new Fields(["T", "u"]),
    }, ["Content-Length", "9"]),
    bytes:
      "POST /a HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n",
  },
  {
    what: "a length of 0 with a POST without content",
    request: post(undefined),
    bytes: "POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n",
  },
  {
    what: "no framing with a GET without content",
    request: get(["Content-Length", "5", "Transfer-Encoding", "chunked"]),
    bytes: "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n",
  },
  {
    what: "no fields of another connection",
    request: get([
      "Connection",
      "A",
      "Keep-Alive",
      "1",
      "TE",
      "trailers",
      "Upgrade",
      "x",
    ]),
    bytes: "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n",
  },
  {
    what: "an upgrade",
    request: { ...upgrade(), fields: new Fields(["Sec-WebSocket-Key", "k"]) },
    bytes:
      "GET /a HTTP/1.1\r\nHost: a.test\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  },
];

for (const { what, request, form = "origin", bytes } of SENT) {
  Deno.test(`sendHttp1() sends ${what}`, async () => {
    using origin = new HandOrigin();

    const response = await origin.ask(request, OK, { form });
    await readAll(response);

    assert.equal(textOf(await origin.scanner.readExactly(bytes.length)), bytes);
    assert.deepEqual(origin.released, [true]);
  });
}

const BAD_REQUESTS: readonly {
  readonly what: string;
  readonly request: PlainRequest;
}[] = [
  { what: "a line break in a value", request: get(["A", "b\r\nC: d"]) },
  { what: "LF in a value", request: get(["A", "b\nc"]) },
  { what: "NUL in a value", request: get(["A", "b\0"]) },
  { what: "a character above U+00FF", request: get(["A", "\u0141"]) },
  { what: "a character whose low byte is LF", request: get(["A", "\u010a"]) },
  { what: "a space in a name", request: get(["A b", "c"]) },
  { what: "a colon in a name", request: get(["A:", "c"]) },
  { what: "an empty name", request: get(["", "c"]) },
  { what: "a space in the path", request: { ...get([]), path: "/ HTTP/1.1" } },
  { what: "a line break in the path", request: { ...get([]), path: "/\r\n" } },
  { what: "a path that is none", request: { ...get([]), path: "a" } },
  {
    what: "a URL as the path",
    request: { ...get([]), path: "http://b.test/" },
  },
  {
    what: "an authority with a path",
    request: { ...get([]), authority: "a.test/b" },
  },
  {
    what: "an authority with a user",
    request: { ...get([]), authority: "u@a.test" },
  },
  { what: "two Hosts", request: get(["Host", "a.test", "host", "b.test"]) },
  { what: "an empty path", request: { ...get([]), path: "" } },
  { what: "a space in the method", request: { ...get([]), method: "GET /" } },
  {
    what: "a line break in the authority",
    request: { ...get([]), authority: "a\r\nB: c" },
  },
];

for (const { what, request } of BAD_REQUESTS) {
  Deno.test(`sendHttp1() refuses to write ${what}`, async () => {
    using origin = new HandOrigin();

    await assert.rejects(origin.send(request), TypeError);

    assert.equal(await origin.conn.read(new Uint8Array(1)), null);
    assert.deepEqual(origin.released, [false]);
  });
}

const ANSWERS: readonly {
  readonly what: string;
  readonly answer: string;
  readonly request?: PlainRequest;
  readonly end?: boolean;
  readonly got: string;
  readonly reusable: boolean;
}[] = [
  {
    what: "a length",
    answer: OK,
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "a length of 0",
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    got: "200 {Content-Length: 0}",
    reusable: true,
  },
  {
    what: "the same length twice",
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "chunks and trailers",
    answer:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x\r\nk\r\n0\r\nT: u\r\n\r\n",
    got: "200 {} ok [T: u]",
    reusable: true,
  },
  {
    what: "content until the end",
    answer: "HTTP/1.1 200 OK\r\n\r\nok",
    end: true,
    got: "200 {} ok",
    reusable: false,
  },
  {
    what: "Connection: close",
    answer:
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: false,
  },
  {
    what: "HTTP/1.0",
    answer: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: false,
  },
  {
    what: "HTTP/1.0 that is kept",
    answer:
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "no reason",
    answer: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "204",
    answer: "HTTP/1.1 204 No Content\r\n\r\n",
    got: "204 {}",
    reusable: true,
  },
  {
    what: "304 with a length",
    answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
    got: "304 {Content-Length: 99}",
    reusable: true,
  },
  {
    what: "205 without a length",
    answer: "HTTP/1.1 205 Reset Content\r\n\r\n",
    got: "205 {}",
    reusable: true,
  },
  {
    what: "HEAD with a length",
    request: { ...get([]), method: "HEAD" },
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
    got: "200 {Content-Length: 99}",
    reusable: true,
  },
  {
    what: "HEAD with chunks",
    request: { ...get([]), method: "HEAD" },
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    got: "200 {}",
    reusable: true,
  },
  {
    what: "bytes after the response",
    answer: `${OK}HTTP/1.1 200 OK\r\n\r\n`,
    got: "200 {Content-Length: 2} ok",
    reusable: false,
  },
  {
    what: "fields of the connection",
    answer:
      "HTTP/1.1 200 OK\r\nConnection: A\r\nA: b\r\nC: d\r\nKeep-Alive: 3\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {C: d, Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "a later minor version",
    answer: "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "a coding that ends with the connection",
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    end: true,
    got: "200 {} ok",
    reusable: false,
  },
  {
    what: "identity as a coding",
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
    end: true,
    got: "200 {} ok",
    reusable: false,
  },
  {
    what: "folded lines as one",
    answer:
      "HTTP/1.1 200 OK\r\nA: b \r\n\t c\r\n \r\n d\r\nB:\r\n e\r\nContent-Length:\r\n 2\r\n\r\nok",
    got: "200 {A: b c d, B: e, Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "padded chunk sizes and a folded trailer",
    answer:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1  \r\no\r\n1\t;\r\nk\r\n0 \r\nT: u\r\n v\r\n\r\n",
    got: "200 {} ok [T: u v]",
    reusable: true,
  },
  {
    what: "a no-break space beside close as another option",
    answer:
      "HTTP/1.1 200 OK\r\nConnection: close\xa0\r\nContent-Length: 2\r\n\r\nok",
    got: "200 {Content-Length: 2} ok",
    reusable: true,
  },
  {
    what: "status 999",
    answer: "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok",
    got: "999 {Content-Length: 2} ok",
    reusable: true,
  },
];

for (const capacity of [65_536, 8]) {
  for (
    const { what, answer, request = get([]), end = false, got, reusable }
      of ANSWERS
  ) {
    // Whether bytes after the response are seen is chance when they come one by one.
    if (capacity === 8 && what === "bytes after the response") continue;
    Deno.test(`sendHttp1() understands ${what} (through ${capacity} bytes)`, async () => {
      using origin = new HandOrigin(capacity);
      const taking = origin.scanner.readThrough("\r\n\r\n");
      const answering = writeAll(origin.conn, bytesOf(answer)).then(() =>
        end ? origin.conn.closeWrite() : undefined
      );

      const text = await readAll(await origin.send(request));
      await Promise.all([taking, answering]);

      assert.equal(text, got);
      assert.deepEqual(origin.released, [reusable]);
    });
  }
}

const BAD_ANSWERS: readonly {
  readonly what: string;
  readonly answer: string;
  readonly code: string;
}[] = [
  {
    what: "both lengths",
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    code: "malformed",
  },
  {
    what: "two lengths",
    answer:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "a negative length",
    answer: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "an unknown coding",
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nok",
    code: "unsupportedCoding",
  },
  {
    what: "chunked before another coding",
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "a coding with a no-break space",
    answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\xa0\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "two lengths with a no-break space",
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 2,\xa02\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "chunks from HTTP/1.0",
    answer: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    code: "malformed",
  },
  {
    what: "bare LF",
    answer: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    code: "malformed",
  },
  {
    what: "NUL",
    answer: "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a folded line before the first field",
    answer: "HTTP/1.1 200 OK\r\n b\r\nA: b\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a bare CR in a folded line",
    answer: "HTTP/1.1 200 OK\r\nA: b\r\n c\rXB: d\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a length that is folded into two",
    answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n 0\r\n\r\nok",
    code: "malformed",
  },
  {
    what: "a space before a colon",
    answer: "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a status of two digits",
    answer: "HTTP/1.1 20 OK\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a status of four digits",
    answer: "HTTP/1.1 2000 OK\r\n\r\n",
    code: "malformed",
  },
  {
    what: "a status below 100",
    answer: "HTTP/1.1 099 OK\r\n\r\n",
    code: "malformed",
  },
  {
    what: "HTTP/2",
    answer: "HTTP/2.0 200 OK\r\n\r\n",
    code: "unsupportedVersion",
  },
  {
    what: "another protocol",
    answer: "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    code: "malformed",
  },
  { what: "TLS", answer: "\x15\x03\x01\x00\x02\x02\x16", code: "malformed" },
  {
    what: "101 without an Upgrade",
    answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    code: "malformed",
  },
  {
    what: "endless interim responses",
    answer: "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(80),
    code: "malformed",
  },
  {
    what: "a header section that is too long",
    answer: `HTTP/1.1 200 OK\r\nA: ${"b".repeat(270_000)}\r\n\r\n`,
    code: "headersTooLarge",
  },
  { what: "the end at once", answer: "", code: "cutShort" },
  {
    what: "the end inside the header section",
    answer: "HTTP/1.1 200 OK\r\nA: b",
    code: "cutShort",
  },
];

for (const { what, answer, code } of BAD_ANSWERS) {
  Deno.test(`sendHttp1() fails with 502 on ${what}`, async () => {
    using origin = new HandOrigin(100_000);

    await assert.rejects(
      origin.ask(get([]), answer, { end: true }),
      (error) =>
        error instanceof Http1Error && error.code === code &&
        error.status === 502 && !error.retryable,
    );

    assert.deepEqual(origin.released, [false]);
  });
}

for (
  const [what, answer] of [
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"],
    [
      "chunks inside one",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
    ],
    [
      "chunks before the last",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    ],
    [
      "chunks before the last line",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
    ],
  ]
) {
  Deno.test(`sendHttp1() gives a body that fails when it is cut: ${what}`, async () => {
    using origin = new HandOrigin();

    const response = await origin.ask(get([]), answer ?? "", { end: true });

    await assert.rejects(readAll(response), { code: "cutShort" });
    assert.deepEqual(origin.released, [false]);
  });
}

Deno.test("sendHttp1() forwards interim responses", async () => {
  using origin = new HandOrigin();
  const informed: unknown[] = [];
  const sending = sendHttp1(
    origin.connection,
    get([]),
    contextOf(
      undefined,
      (status, fields) => void informed.push([status, fields.flat]),
    ),
  );

  await writeAll(
    origin.conn,
    bytesOf(
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n" +
        OK,
    ),
  );
  await readAll(await sending);

  assert.deepEqual(informed, [[102, []], [103, ["Link", "</a>"]]]);
});

Deno.test("sendHttp1() returns the stream of an upgrade, bytes after the header section first", async () => {
  using origin = new HandOrigin();

  const response = await origin.ask(
    upgrade(),
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\nhello",
    { end: true },
  );

  assert.ok(response.kind === "stream");
  assert.deepEqual(response.fields.flat, ["Sec-WebSocket-Accept", "y"]);
  assert.equal(
    textOf(await new ByteScanner(response.stream).readAll()),
    "hello",
  );
  assert.deepEqual(origin.released, []);
  response.stream.close();
  assert.deepEqual(origin.released, [false]);
});

Deno.test("sendHttp1() returns the response to a refused upgrade", async () => {
  using origin = new HandOrigin();

  assert.equal(
    await readAll(await origin.ask(upgrade(), OK)),
    "200 {Content-Length: 2} ok",
  );
  assert.deepEqual(origin.released, [true]);
});

Deno.test("sendHttp1() returns a response that comes before the request was sent", async () => {
  using origin = new HandOrigin();
  const cancelled = Promise.withResolvers<void>();
  const endless: Body = {
    length: undefined,
    trailers: undefined,
    read: () => new Promise(() => {}),
    cancel: () => cancelled.resolve(),
  };

  const response = await origin.ask(
    post(endless),
    "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
  );

  assert.equal(await readAll(response), "413 {Content-Length: 2} no");
  await within(cancelled.promise, "the request's body to be cancelled");
  assert.deepEqual(origin.released, [false]);
});

Deno.test("sendHttp1() carries both directions at once", async () => {
  using origin = new HandOrigin();
  const pieces = [
    Promise.withResolvers<string | null>(),
    Promise.withResolvers<string | null>(),
  ];
  let at = 0;
  const body: Body = {
    length: undefined,
    trailers: undefined,
    async read(into) {
      const piece = await pieces[at++]?.promise;
      if (typeof piece !== "string") return null;
      into.set(bytesOf(piece));
      return piece.length;
    },
    cancel() {},
  };

  const response = await origin.ask(
    post(body),
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  assert.ok(response.kind === "response" && response.body !== undefined);
  pieces[0]?.resolve("ping");
  await origin.scanner.readThrough("4\r\nping\r\n");
  await writeAll(origin.conn, bytesOf("4\r\npong\r\n"));
  const into = new Uint8Array(9);
  assert.equal(await response.body.read(into), 4);
  pieces[1]?.resolve(null);
  await origin.scanner.readThrough("0\r\n\r\n");
  await writeAll(origin.conn, bytesOf("0\r\n\r\n"));

  assert.equal(await response.body.read(into), null);
  assert.deepEqual(origin.released, [true]);
});

Deno.test("sendHttp1() waits for a 100 before it sends the content", async () => {
  using origin = new HandOrigin();
  const sending = origin.send(
    post(bytesBody(bytesOf("abc")), ["Expect", "100-continue"]),
  );

  const head = await origin.scanner.readThrough("\r\n\r\n");
  await writeAll(origin.conn, bytesOf("HTTP/1.1 100 Continue\r\n\r\n"));
  const content = textOf(await origin.scanner.readExactly(3));
  await writeAll(origin.conn, bytesOf(OK));

  assert.match(head ?? "", /\r\nExpect: 100-continue\r\n/);
  assert.equal(content, "abc");
  await readAll(await sending);
  assert.deepEqual(origin.released, [true]);
});

Deno.test("sendHttp1() does not send content that the origin has refused", async () => {
  using origin = new HandOrigin();
  const sending = origin.send(
    post(bytesBody(bytesOf("abc")), ["Expect", "100-continue"]),
  );

  await origin.scanner.readThrough("\r\n\r\n");
  await writeAll(
    origin.conn,
    bytesOf("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"),
  );

  assert.equal(await readAll(await sending), "417 {Content-Length: 0}");
  assert.equal(textOf(await origin.scanner.readAll()), "");
  assert.deepEqual(origin.released, [false]);
});

Deno.test("sendHttp1() sends the content when the origin sends no 100", async () => {
  using origin = new HandOrigin();
  const sending = origin.send(
    post(bytesBody(bytesOf("abc")), ["Expect", "100-continue"]),
  );

  await origin.scanner.readThrough("\r\n\r\nabc");
  await writeAll(origin.conn, bytesOf(OK));

  await readAll(await sending);
});

Deno.test("sendHttp1() reports that an idle connection had ended, and whether to retry", async () => {
  for (
    const [request, retryable] of [
      [get([]), true],
      [{ ...get([]), method: "DELETE" }, true],
      [post(undefined), false],
      [{ ...post(bytesBody(bytesOf("abc"))), method: "PUT" }, false],
    ] as const
  ) {
    using origin = new HandOrigin();
    await readAll(await origin.ask(get([]), OK));
    await origin.scanner.readThrough("\r\n\r\n");

    await origin.conn.closeWrite();

    await assert.rejects(origin.send(request), {
      code: "staleConnection",
      retryable,
      status: 502,
    });
  }
});

Deno.test("sendHttp1() reports that an idle connection is reset", async () => {
  using origin = new HandOrigin();
  await readAll(await origin.ask(get([]), OK));

  origin.conn.cut();

  await assert.rejects(origin.send(get([])), {
    code: "staleConnection",
    retryable: true,
  });
});

Deno.test("sendHttp1() fails when the header section does not come in time", async () => {
  using origin = new HandOrigin();

  await assert.rejects(
    origin.send(get([]), { responseHeaderTimeout: 20 }),
    { code: "timeout", status: 504 },
  );
  assert.deepEqual(origin.released, [false]);
});

Deno.test("sendHttp1() stops when its signal is aborted", async () => {
  using origin = new HandOrigin();
  const gone = new AbortController();
  const reason = new Error("gone");
  const sending = sendHttp1(origin.connection, get([]), contextOf(gone.signal));
  await origin.scanner.readThrough("\r\n\r\n");

  gone.abort(reason);

  await assert.rejects(sending, reason);
  assert.equal(await origin.conn.read(new Uint8Array(1)), null);
});

Deno.test("sendHttp1() sends nothing when its signal is already aborted", async () => {
  using origin = new HandOrigin();

  await assert.rejects(
    sendHttp1(
      origin.connection,
      get([]),
      contextOf(AbortSignal.abort(new Error("gone"))),
    ),
    /gone/,
  );

  assert.equal(await origin.conn.read(new Uint8Array(1)), null);
});

Deno.test("sendHttp1() cuts the body when its signal is aborted while it is read", async () => {
  using origin = new HandOrigin();
  const gone = new AbortController();
  const sending = sendHttp1(origin.connection, get([]), contextOf(gone.signal));
  await writeAll(
    origin.conn,
    bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"),
  );
  const response = await sending;

  gone.abort();

  await assert.rejects(readAll(response));
});

Deno.test("sendHttp1() fails with what the request's body fails with", async () => {
  using origin = new HandOrigin();
  const failure = new Error("the browser went away");
  const body: Body = {
    length: 5,
    trailers: undefined,
    read: () => Promise.reject(failure),
    cancel() {},
  };

  await assert.rejects(origin.send(post(body)), failure);

  assert.match(
    textOf(await origin.scanner.readAll()),
    /Content-Length: 5\r\n\r\n$/,
  );
});

Deno.test("sendHttp1() closes the connection when the response is cancelled", async () => {
  using origin = new HandOrigin();
  const response = await origin.ask(
    get([]),
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
  );
  assert.ok(response.kind === "response");

  response.body?.cancel();

  await assert.rejects(readAll(response), { code: "cancelled" });
  assert.deepEqual(origin.released, [false]);
});

async function readAll(response: ProxyResponse): Promise<string> {
  assert.ok(response.kind === "response");
  const fields = Array.from(
    response.fields,
    ([name, value]) => `${name}: ${value}`,
  );
  const text = `${response.status} {${fields.join(", ")}}`;
  if (response.body === undefined) return text;
  const content = await within(readBody(response.body), "the content");
  const trailers = Array.from(
    response.body.trailers ?? [],
    ([name, value]) => ` [${name}: ${value}]`,
  );
  return `${text} ${content}${trailers.join("")}`;
}

function get(fields: string[]): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "a.test",
    path: "/a",
    fields: new Fields(fields),
    body: undefined,
  };
}

function post(body: Body | undefined, fields: string[] = []): PlainRequest {
  return { ...get(fields), method: "POST", body };
}

function upgrade(): UpgradeRequest {
  return {
    kind: "upgrade",
    method: "GET",
    scheme: "http",
    authority: "a.test",
    path: "/a",
    protocol: "websocket",
    fields: new Fields(),
  };
}
