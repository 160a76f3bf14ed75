/**
 * What our readers of HTTP/1.1 make of bytes: as a server that reads requests,
 * and as a client that reads responses.
 *
 * @module
 */
import type { Body, ProxyResponse } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { Http1Connection } from "../../src/http1/client/connection.ts";
import { sendHttp1 } from "../../src/http1/client/send.ts";
import { Http1Error } from "../../src/http1/errors.ts";
import { BufferedReader } from "../../src/http1/parse/buffered_reader.ts";
import {
  type ParsedRequest,
  parseRequest,
} from "../../src/http1/parse/header_parser.ts";
import { readHeaderSection } from "../../src/http1/parse/header_reader.ts";
import { MessageBody } from "../../src/http1/parse/message_body.ts";
import { toIncomingRequest } from "../../src/http1/server/incoming_request.ts";
import { contextOf, readBody } from "../http1/served.ts";
import { bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import {
  createMemoryDuplex,
  type MemoryConn,
} from "../testing/memory_duplex.ts";

/** A message that was read to its end. */
export interface Message {
  /** `GET /path` of a request, `200` of a response. */
  readonly start: string;
  /** `Name: value`, in order. Of a response without the hop-by-hop fields. */
  readonly fields: readonly string[];
  readonly content: string;
}

/** All that was read of one connection. */
export interface Reading {
  readonly messages: readonly Message[];
  /** Why reading ended; `undefined` after the last message. */
  readonly error: Http1Error | undefined;
}

/** How requests are read. */
export interface ReadRequestsOptions {
  /** Whether a request without `Host` gets one: test data of parsers often has none. */
  readonly addHost?: boolean;
}

/** Reads all requests of a connection that sends `text`, whose characters are bytes. */
export async function readRequests(
  text: string,
  { addHost = false }: ReadRequestsOptions = {},
): Promise<Reading> {
  const messages: Message[] = [];
  using far = ending(text);
  const reader = new BufferedReader(far.conn);
  try {
    while (true) {
      const bytes = await readHeaderSection(reader);
      if (bytes === undefined) return { messages, error: undefined };
      const parsed = withHost(parseRequest(bytes), addHost);
      const { framing, isPersistent, upgrade } = toIncomingRequest(
        parsed,
        "http",
      );
      const content = framing.kind === "none"
        ? ""
        : await contentOf(new MessageBody(reader, framing));
      messages.push({
        start: `${parsed.method} ${parsed.target}`,
        fields: linesOf(parsed.fields),
        content,
      });
      const isOther = parsed.method === "CONNECT" || upgrade !== undefined;
      if (!isPersistent || isOther) return { messages, error: undefined };
    }
  } catch (error) {
    return { messages, error: ofHttp1(error) };
  }
}

/** How a response is read. */
export interface ReadResponseOptions {
  /** The method of the request. Default `GET`. */
  readonly method?: string;
  /** Whether the request asks for WebSocket. */
  readonly upgrade?: boolean;
}

/** Reads the response to a request from an origin that sends `text` and closes. */
export async function readResponse(
  text: string,
  { method = "GET", upgrade = false }: ReadResponseOptions = {},
): Promise<Reading> {
  using far = ending(text);
  const connection = new Http1Connection(far.conn);
  const common = {
    method,
    scheme: "http",
    authority: "a.test",
    path: "/",
    isOriginForm: true,
    fields: new Fields(),
  } as const;
  try {
    const response = await within(
      sendHttp1(
        connection,
        upgrade
          ? { ...common, kind: "upgrade", protocol: "websocket" }
          : { ...common, kind: "request", body: undefined },
        contextOf(),
      ),
      "the response",
    );
    return { messages: [await messageOf(response)], error: undefined };
  } catch (error) {
    return { messages: [], error: ofHttp1(error) };
  } finally {
    connection.close();
  }
}

/** Our end of a connection whose other end sends `text`, ends its side and drops what it receives. */
function ending(text: string): Disposable & { readonly conn: MemoryConn } {
  const [conn, far] = createMemoryDuplex(65_536);
  void send(far, text);
  void drop(far);
  return {
    conn,
    [Symbol.dispose]() {
      far.close();
      conn.close();
    },
  };
}

async function send(far: MemoryConn, text: string): Promise<void> {
  try {
    await writeAll(far, bytesOf(text));
    await far.closeWrite();
  } catch {
    // The reader has refused it before its end; that is what a test looks at.
  }
}

async function drop(far: MemoryConn): Promise<void> {
  const into = new Uint8Array(1024);
  try {
    while (await far.read(into) !== null);
  } catch {
    // Closed.
  }
}

async function messageOf(response: ProxyResponse): Promise<Message> {
  const content = response.kind === "response" && response.body !== undefined
    ? await contentOf(response.body)
    : "";
  return {
    start: String(response.status),
    fields: linesOf(response.fields),
    content,
  };
}

async function contentOf(body: Body): Promise<string> {
  return await within(readBody(body), "the end of the content");
}

function linesOf(fields: Fields): string[] {
  return Array.from(fields, ([name, value]) => `${name}: ${value}`);
}

function withHost(parsed: ParsedRequest, addHost: boolean): ParsedRequest {
  if (!addHost || parsed.fields.has("host")) return parsed;
  const fields = new Fields([...parsed.fields.flat, "Host", "a.test"]);
  return { ...parsed, fields };
}

function ofHttp1(error: unknown): Http1Error {
  if (error instanceof Http1Error) return error;
  throw error;
}
