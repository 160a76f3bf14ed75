/** A request that we have read means the same to another reader, or is refused. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { ProxyRequest } from "../../src/http/exchange.ts";
import { RawClient } from "../testing/raw_client.ts";
import { PlainProxy } from "./plain_proxy.ts";

/** What one reader made of a request. */
interface Reading {
  readonly method: string;
  readonly path: string;
  readonly fields: readonly string[];
}

const TOKEN = "!#$%&'*+-.^_`|~09azAZ";

const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "Accept",
      "X-Forwarded-For",
      "Cookie",
      "cookie",
      "Via",
      "Referer",
    ),
  },
  fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 12 }),
  // Names that frame, route or belong to the connection.
  fc.constantFrom(
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "TE",
    "Host",
    "Upgrade",
    "Expect",
    "Trailer",
  ),
);

const value = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.string({ maxLength: 30 }).filter((text) =>
      !/[^\x20-\x7e]/.test(text)
    ),
  },
  fc.constantFrom(
    "chunked",
    "3",
    "03",
    "gzip, chunked",
    "close",
    "keep-alive",
    "100-continue",
    "a.test",
    "\x80\xff",
    "\t x \t",
    "",
  ),
  // Characters that end lines, or look as if they did.
  fc.constantFrom("a\rb", "a\nb", "a\0b", "a\r\n b", "a\x0bb", "a\x85b"),
);

const request = fc.record({
  method: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        "GET",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
        "PATCH",
      ),
    },
    fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 8 }),
  ),
  path: fc.string({
    unit: fc.constantFrom(..."ab/?&=%2fF.;:@!$'()*+,-_~|{}[]\\^`\"<>"),
    maxLength: 20,
  }),
  fields: fc.array(fc.tuple(name, value), { maxLength: 6 }),
  content: fc.option(
    fc.string({
      unit: fc.constantFrom(..."abc\r\n0:"),
      minLength: 1,
      maxLength: 40,
    }),
  ),
  isChunked: fc.boolean(),
});

Deno.test("what sendHttp1() writes of what serveHttp1() read means the same to node:http, or is refused", async () => {
  await using origin = await Origin.start();
  const ours: Reading[] = [];
  await using proxy = new PlainProxy((request) =>
    ours.push(readingOf(request))
  );
  let passed = 0;

  await fc.assert(
    fc.asyncProperty(
      request,
      async ({ method, path, fields, content, isChunked }) => {
        ours.length = 0;
        origin.readings.length = 0;
        origin.contents.length = 0;
        const framing = content === null
          ? ""
          : isChunked
          ? "Transfer-Encoding: chunked\r\n"
          : `Content-Length: ${content.length}\r\n`;
        const sent = content === null
          ? ""
          : isChunked
          ? `${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`
          : content;
        const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
          .join("");
        using client = await RawClient.connect({ port: proxy.port });

        await client.send(
          `${method} http://127.0.0.1:${origin.port}/${path} HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\n${framing}${lines}\r\n${sent}`,
        );
        await client.closeWrite();
        const answer = await client.readAll();

        assert.match(answer, /^(HTTP\/1\.1 [1-5]\d\d |$)/);
        if (origin.readings.length === 0) {
          return;
        }
        passed++;
        assert.deepEqual(origin.readings, ours);
        assert.deepEqual(origin.contents, [content ?? ""]);
      },
    ),
    { numRuns: 300, seed: 20_261_122 },
  );

  assert.ok(passed > 50, `only ${passed} requests were passed on`);
});

/** An origin of another make that records what it reads. */
class Origin implements AsyncDisposable {
  readonly readings: Reading[] = [];
  readonly contents: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { method = "", url = "", rawHeaders } = request;
      this.readings.push({
        method,
        path: url,
        fields: withoutFraming(rawHeaders),
      });
      const pieces: string[] = [];
      request.setEncoding("latin1");
      request.on("data", (piece: string) => pieces.push(piece));
      request.on("end", () => {
        this.contents.push(pieces.join(""));
        response.end("ok");
      });
    });
  }

  static async start(): Promise<Origin> {
    const origin = new Origin();
    await new Promise<void>((resolve) =>
      origin.#server.listen(0, "127.0.0.1", resolve)
    );
    return origin;
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(address !== null && typeof address !== "string");
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function readingOf(request: ProxyRequest): Reading {
  assert.ok(request.kind !== "connect");
  const { method, path, fields } = request;
  return { method, path, fields: withoutFraming(fields.flat) };
}

/** Framing is rewritten on each connection: the content is compared instead. */
function withoutFraming(flat: readonly string[]): string[] {
  const framing = [
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
  ];
  return flat.filter((_, at) =>
    !framing.includes((flat[at - at % 2] ?? "").toLowerCase())
  );
}
