/**
 * One connection served from memory: bytes in, bytes out, and what the handler
 * saw meanwhile.
 */
import { textBody } from "../../src/http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import {
  serveHttp1,
  type ServeHttp1Options,
} from "../../src/http1/server/serve.ts";
import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import { createMemoryDuplex } from "../testing/memory_duplex.ts";

/** How bytes are served. */
export interface ServeBytesOptions {
  readonly handler?: Handler;
  /** Bytes between the two ends; 8 cuts everything in two. */
  readonly capacity?: number;
  /** Whether the peer ends its side after the bytes. */
  readonly end?: boolean;
  readonly options?: Partial<ServeHttp1Options>;
}

/** The result. */
export interface Served {
  /** All that the peer received until the connection ended. */
  readonly answer: string;
  /** Each request that reached a handler, in one line. */
  readonly seen: readonly string[];
  /** Messages of the errors that were reported. */
  readonly errors: readonly string[];
}

/** Sends `input` on one connection and reads to its end. */
export async function serveBytes(
  input: string,
  { handler = answerOk, capacity = 65_536, end = true, options = {} }:
    ServeBytesOptions = {},
): Promise<Served> {
  const seen: string[] = [];
  const errors: string[] = [];
  await using served = startServing(async (request, context) => {
    const at = seen.push(describe(request)) - 1;
    const response = await handler(request, context);
    seen[at] = describe(request);
    return response;
  }, {
    capacity,
    options: { onError: (error) => errors.push(String(error)), ...options },
  });
  const sending = send(served.client, input, end);
  const answer = textOf(
    await within(
      new ByteScanner(served.client).readAll(),
      "the connection to end",
    ),
  );
  await within(sending, "the request to be taken");
  served.client.close();
  await within(served.done, "serveHttp1() to return");
  return { answer, seen, errors };
}

/** A connection that is being served until it is disposed. */
export interface Serving extends AsyncDisposable {
  readonly client: ByteStream;
  readonly done: Promise<void>;
  /** Ends the connection in order. */
  stop(): void;
}

/** Serves one end of a connection in memory. */
export function startServing(
  handler: Handler,
  { capacity = 65_536, options = {} }: Omit<
    ServeBytesOptions,
    "handler" | "end"
  > = {},
): Serving {
  const [client, conn] = createMemoryDuplex(capacity);
  const stop = new AbortController();
  const done = serveHttp1(conn, handler, { signal: stop.signal, ...options });
  return {
    client,
    done,
    stop: () => stop.abort(),
    async [Symbol.asyncDispose]() {
      client.close();
      await within(done, "serveHttp1() to return");
    },
  };
}

/** Reads all of the content and responds "ok". */
export async function answerOk(request: ProxyRequest): Promise<ProxyResponse> {
  if (request.kind === "connect") return plain(403, "no tunnels");
  if (request.kind === "request" && request.body !== undefined) {
    read.set(request, await readBody(request.body));
  }
  return plain(200, "ok");
}

/** A response with text. */
export function plain(status: number, text: string): ProxyResponse {
  return {
    kind: "response",
    status,
    fields: new Fields(),
    body: textBody(text),
  };
}

/** All of a body as text whose characters are bytes. */
export async function readBody(body: Body): Promise<string> {
  return textOf(await new ByteScanner(body).readAll());
}

/** The context of an exchange that is otherwise unused. */
export function contextOf(
  signal: AbortSignal = new AbortController().signal,
  inform: ExchangeContext["inform"] = () => {},
): ExchangeContext {
  return { id: "1", signal, inform };
}

const read = new WeakMap<ProxyRequest, string>();

/** `GET http://a.test /path {Accept: x} content` */
function describe(request: ProxyRequest): string {
  const fields = Array.from(
    request.fields,
    ([name, value]) => `${name}: ${value}`,
  );
  const scheme = request.kind === "connect" ? "connect" : request.scheme;
  const path = request.kind === "connect" ? "" : ` ${request.path}`;
  const upgrade = request.kind === "upgrade" ? ` ^${request.protocol}` : "";
  const content = read.get(request);
  return `${request.method} ${scheme}://${request.authority}${path}${upgrade}` +
    ` {${fields.join(", ")}}` + (content === undefined ? "" : ` ${content}`);
}

async function send(
  client: ByteStream,
  input: string,
  end: boolean,
): Promise<void> {
  try {
    await writeAll(client, bytesOf(input));
    if (end) await client.closeWrite();
  } catch {
    // The connection was ended before all was sent; the response is checked anyway.
  }
}
