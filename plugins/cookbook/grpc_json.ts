/**
 * Lets tests call a gRPC service with JSON, as `fetch()` sends it. The options
 * say how messages look: the name of each field, its number and its type.
 *
 * ```yaml
 * plugins:
 *   - use: ./grpc_json.ts
 *     match: { host: shop.example, path: "/shop.Orders/*", method: POST }
 *     options:
 *       /shop.Orders/Get:
 *         request: { id: [1, string] }
 *         response: { id: [1, string], total: [2, int], buyer: [3, { name: [1, string] }] }
 * ```
 *
 * An error of the service becomes a response with status 502, and JSON with its
 * status and message. Calls that are gRPC already pass unchanged.
 */
import type { Plugin } from "sallyport";

/** What a field holds. A message stands for the type of its fields. */
type Type = "string" | "int" | "bool" | Message;

interface Message {
  readonly [name: string]: readonly [number: number, type: Type];
}

/** Methods by their path. A call has one message each way. */
type Methods = Readonly<
  Record<string, { readonly request: Message; readonly response: Message }>
>;

export default {
  async request(request, { options, state }) {
    const { headers, url } = request;
    const method = options[url.pathname];
    const type = headers.get("Content-Type") ?? "";
    if (method === undefined || !type.startsWith("application/json")) return;
    const message = encode(await request.json<Values>(), method.request);
    state.response = method.response;
    headers.set("Content-Type", "application/grpc");
    headers.delete("Accept-Encoding");
    request.body = framed(message);
  },

  async response(response, { state }) {
    if (state.response === undefined) return;
    const content = await response.bytes();
    const { headers, trailers } = response;
    const field = (name: string) => trailers?.get(name) ?? headers.get(name);
    const status = Number(field("grpc-status") ?? UNKNOWN);
    const details = field("grpc-message") ??
      `the site sent HTTP status ${response.status}`;
    if (status !== 0) return failed(status, decoded(details));
    if (content[0] !== 0) return failed(UNKNOWN, "no readable message");
    return Response.json(decode(content.subarray(PREFIX), state.response));
  },
} satisfies Plugin<Methods, { response: Message }>;

/** Before each message: whether it is compressed, and its length. */
const PREFIX = 5;
/** A status of gRPC. */
const UNKNOWN = 2;

/** Wire types of Protocol Buffers. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;

type Values = Readonly<Record<string, unknown>>;

function failed(status: number, message: string): Response {
  return Response.json({ status, message }, { status: 502 });
}

/** The text of a `grpc-message`. Some services forget to encode it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX);
  return frame;
}

function encode(values: Values, message: Message): Uint8Array {
  const bytes: number[] = [];
  for (const [name, [number, type]] of Object.entries(message)) {
    const value = values[name];
    if (value === undefined) continue;
    if (type === "int" || type === "bool") {
      bytes.push(...varint(number << 3 | VARINT), ...varint(Number(value)));
      continue;
    }
    const content = type === "string"
      ? new TextEncoder().encode(String(value))
      : encode(value as Values, type);
    bytes.push(...varint(number << 3 | LENGTH), ...varint(content.length));
    for (const byte of content) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** A number in groups of seven bits, the last ones first. */
function varint(number: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(number));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** Fields that the options do not name are left out. */
function decode(bytes: Uint8Array, message: Message): Values {
  const values: Record<string, unknown> = {};
  let at = 0;
  while (at < bytes.length) {
    const tag = Number(readVarint());
    const [name, [, type] = []] = Object.entries(message)
      .find(([, [number]]) => number === tag >> 3) ?? [];
    const value = readValue(tag & 7, type);
    if (name !== undefined) values[name] = value;
  }
  return values;

  function readValue(wireType: number, type: Type | undefined): unknown {
    if (wireType === FIXED_64) return read(8);
    if (wireType === FIXED_32) return read(4);
    if (wireType === LENGTH) {
      const content = read(Number(readVarint()));
      return typeof type === "object"
        ? decode(content, type)
        : new TextDecoder().decode(content);
    }
    const number = Number(BigInt.asIntN(64, readVarint()));
    return type === "bool" ? number !== 0 : number;
  }

  function readVarint(): bigint {
    let number = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = read(1)[0] ?? 0;
      number |= BigInt(byte & 127) << shift;
      if (byte < 128) return number;
    }
  }

  function read(length: number): Uint8Array {
    if (at + length > bytes.length) throw new RangeError("the message is cut");
    at += length;
    return bytes.subarray(at - length, at);
  }
}
