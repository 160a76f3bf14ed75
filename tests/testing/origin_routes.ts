/**
 * What a test origin has to offer. The first part of the path chooses.
 *
 * | path | response |
 * | --- | --- |
 * | `/status/N` | that status |
 * | `/bytes/N` | N bytes of the pattern, with their length |
 * | `/chunked/N` | the same in chunks of odd sizes, the first with the head in one write |
 * | `/until-close/N` | the same without a length: the connection ends it |
 * | `/digest` | length and SHA-256 of the content that was sent, as JSON |
 * | `/echo` | the content that was sent, piece by piece as it comes |
 * | `/headers` | what the request looked like, as JSON |
 * | `/cookies` | two `Set-Cookie` lines |
 * | `/gzip` | `"compressed\n"`, compressed |
 * | `/basic-auth/USER/PASSWORD` | 200 with these credentials, else 401 |
 * | `/trailers` | chunks, then a trailer `Checksum: ok` |
 * | `/early-hints` | 103 with a `Link`, then 200 |
 * | `/slow/MS` | 200 after so many milliseconds |
 * | `/hold/NAME` | 200 when the test releases it |
 * | `/hold-body/NAME` | the head and `"first\n"`, then `"last\n"` when the test releases it |
 * | `/die-mid-body` | 5 bytes of 1000, then the connection ends |
 * | `/die-mid-chunk` | half a chunk, then the connection ends |
 * | `/die-before-head` | the connection ends |
 * | `/events?count=N` | N server-sent events; without a count one every 20 ms |
 * | `/ws` | a WebSocket that sends back what it gets |
 * | `/page` | a page that uses all a page can use |
 *
 * @module
 */
import type { Gates } from "./gates.ts";
import { pageRoute } from "./origin_page.ts";
import type { OriginExchange, OriginFields } from "./origin_exchange.ts";
import { bytesOf } from "./byte_scanner.ts";
import { Digester, patternBytes, patternChunks } from "./pattern.ts";
import { echoWebSocket } from "./websocket_echo.ts";

/** What a route may need besides its exchange. */
export interface LoadContext {
  readonly scheme: "http" | "https";
  readonly gates: Gates;
  /** Aborted when the origin stops. */
  readonly signal: AbortSignal;
}

/** Answers one request. */
export type Route = (
  exchange: OriginExchange,
  context: LoadContext,
) => Promise<void>;

const CHUNKED: OriginFields = [["Transfer-Encoding", "chunked"]];
const JSON_TYPE: OriginFields = [["Content-Type", "application/json"]];

/** First part of the path → what happens. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "": (exchange) => exchange.answer(200, { body: "sallyport test origin\n" }),
  "status": async (exchange) => {
    const status = Number(exchange.argument);
    await exchange.answer(status, { body: `status ${status}\n` });
  },
  "bytes": sendBytes,
  "chunked": sendChunks,
  "until-close": sendUntilClose,
  "digest": sendDigest,
  "echo": echo,
  "headers": sendHeaders,
  "cookies": (exchange) =>
    exchange.answer(200, {
      fields: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2; Path=/"]],
    }),
  "gzip": sendCompressed,
  "basic-auth": checkCredentials,
  "trailers": sendTrailers,
  "early-hints": async (exchange) => {
    await exchange.writeHead(103, [["Link", "</page.css>; rel=preload"]]);
    await exchange.answer(200, { body: "after the hints\n" });
  },
  "slow": async (exchange, { signal }) => {
    await pause(Number(exchange.argument), signal);
    await exchange.answer(200, { body: "late\n" });
  },
  "hold": async (exchange, { gates }) => {
    await gates.pass(exchange.argument);
    await exchange.answer(200, { body: "released\n" });
  },
  "hold-body": async (exchange, { gates }) => {
    await exchange.writeHead(200, [["Content-Length", "11"]]);
    await exchange.write("first\n");
    await gates.pass(exchange.argument);
    await exchange.write("last\n");
  },
  "die-mid-body": async (exchange) => {
    await exchange.writeHead(200, [["Content-Length", "1000"]]);
    await exchange.write("short");
    exchange.endConnection();
  },
  "die-mid-chunk": async (exchange) => {
    await exchange.writeHead(200, CHUNKED);
    await exchange.write("a\r\nshort");
    exchange.endConnection();
  },
  "die-before-head": (exchange) => Promise.resolve(exchange.endConnection()),
  "events": sendEvents,
  "ws": async (exchange) => {
    await echoWebSocket(exchange);
    exchange.endConnection();
  },
  "page": pageRoute,
};

async function sendBytes(exchange: OriginExchange): Promise<void> {
  const length = Number(exchange.argument);
  await exchange.writeHead(200, [["Content-Length", `${length}`]]);
  if (exchange.method === "HEAD") return;
  for (const chunk of patternChunks(length)) await exchange.write(chunk);
}

async function sendChunks(exchange: OriginExchange): Promise<void> {
  const bytes = patternBytes(Number(exchange.argument));
  const first = String.fromCharCode(...bytes.subarray(0, 3));
  const size = Math.min(3, bytes.byteLength);
  const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  if (exchange.method === "HEAD") return await exchange.write(head);
  await exchange.write(
    bytesOf(size === 0 ? head : `${head}${size}\r\n${first}\r\n`),
  );
  // Sizes that divide nothing, so that chunks and frames never fall together.
  let step = 1;
  for (let at = size; at < bytes.byteLength; at += step) {
    step = Math.min(step * 3 + 1, 100_003);
    await exchange.writeChunk(bytes.subarray(at, at + step));
  }
  await exchange.write("0\r\n\r\n");
}

async function sendUntilClose(exchange: OriginExchange): Promise<void> {
  await exchange.writeHead(200, [["Connection", "close"]]);
  for (const chunk of patternChunks(Number(exchange.argument))) {
    await exchange.write(chunk);
  }
  exchange.endConnection();
}

async function sendDigest(exchange: OriginExchange): Promise<void> {
  const digester = new Digester();
  for await (const piece of exchange.content()) digester.add(piece);
  await exchange.answer(200, {
    fields: JSON_TYPE,
    body: JSON.stringify(digester.digest()),
  });
}

async function echo(exchange: OriginExchange): Promise<void> {
  const type = exchange.get("content-type");
  await exchange.writeHead(200, [
    ...type === undefined ? [] : [["Content-Type", type] as const],
    ...CHUNKED,
  ]);
  for await (const piece of exchange.content()) {
    await exchange.writeChunk(piece);
  }
  await exchange.write("0\r\n\r\n");
}

async function sendHeaders(exchange: OriginExchange): Promise<void> {
  const { method, target, fields } = exchange;
  const body = JSON.stringify({ method, target, fields });
  await exchange.answer(200, { fields: JSON_TYPE, body });
}

async function sendCompressed(exchange: OriginExchange): Promise<void> {
  const compressed = new Blob(["compressed\n"]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  await exchange.answer(200, {
    fields: [["Content-Encoding", "gzip"], ["Content-Type", "text/plain"]],
    body: await new Response(compressed).bytes(),
  });
}

async function checkCredentials(exchange: OriginExchange): Promise<void> {
  const [, , user = "", password = ""] = exchange.path.split("/")
    .map(decodeURIComponent);
  const expected = `Basic ${btoa(`${user}:${password}`)}`;
  if (exchange.get("authorization") === expected) {
    return await exchange.answer(200, { body: "welcome\n" });
  }
  await exchange.answer(401, {
    fields: [["WWW-Authenticate", 'Basic realm="origin"']],
  });
}

async function sendTrailers(exchange: OriginExchange): Promise<void> {
  await exchange.writeHead(200, [["Trailer", "Checksum"], ...CHUNKED]);
  await exchange.writeChunk(bytesOf("content\n"));
  await exchange.write("0\r\nChecksum: ok\r\n\r\n");
}

async function sendEvents(
  exchange: OriginExchange,
  { signal }: LoadContext,
): Promise<void> {
  await exchange.writeHead(200, [
    ["Content-Type", "text/event-stream"],
    ["Cache-Control", "no-store"],
    ...CHUNKED,
  ]);
  const told = exchange.query.get("count");
  const count = told === null ? Infinity : Number(told);
  for (let id = 1; id <= count; id++) {
    await exchange.writeChunk(bytesOf(`id: ${id}\ndata: event ${id}\n\n`));
    if (told === null) await pause(20, signal);
  }
  await exchange.write("0\r\n\r\n");
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
