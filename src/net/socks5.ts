/**
 * The client's side of SOCKS 5 (RFC 1928) with user names and passwords
 * (RFC 1929): asks a proxy to connect to a host, by its name.
 *
 * @module
 */
import {
  type Address,
  formatAddress,
  ipBytes,
  isIpAddress,
} from "./address.ts";
import type { ByteStream } from "./byte_stream.ts";
import { writeAll } from "./copy.ts";
import { DialError, type DialErrorCode } from "./dial_error.ts";
import type { UpstreamCredentials } from "./upstream_proxy.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const NO_LOGIN = 0;
const WITH_PASSWORD = 2;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
/** Lengths are one byte. */
const MAX_TEXT = 255;
const ADDRESS_LENGTHS: ReadonlyMap<number, number> = new Map([
  [IPV4, 4],
  [IPV6, 16],
]);

/** What the proxy says when it cannot (RFC 1928 §6). */
const REPLIES: ReadonlyMap<number, readonly [DialErrorCode, string]> = new Map([
  [2, ["failed", "its rules forbid it"]],
  [3, ["unreachable", "the network cannot be reached"]],
  [4, ["unreachable", "the host cannot be reached"]],
  [5, ["refused", "connection refused"]],
  [6, ["timedOut", "no answer in time"]],
]);

/**
 * Has the proxy behind `stream` connect to `target`; what follows on `stream`
 * is said to and by the target.
 *
 * @throws {DialError} When the proxy refuses, cannot, or is no SOCKS proxy.
 */
export async function connectBySocks5(
  stream: ByteStream,
  target: Address,
  credentials?: UpstreamCredentials,
): Promise<void> {
  const method = credentials === undefined ? NO_LOGIN : WITH_PASSWORD;
  await writeAll(stream, Uint8Array.of(VERSION, 1, method));
  const [version, chosen] = await readExactly(stream, 2);
  if (version !== VERSION) throw refusal(target, "it speaks no SOCKS 5");
  if (chosen !== method) {
    throw refusal(
      target,
      credentials === undefined
        ? "it wants a user name and password"
        : "it takes no user name and password",
    );
  }
  if (credentials !== undefined) await logIn(stream, target, credentials);
  await writeAll(stream, connectRequest(target));
  await readReply(stream, target);
}

async function logIn(
  stream: ByteStream,
  target: Address,
  { username, password }: UpstreamCredentials,
): Promise<void> {
  const [user, secret] = [textOf(username, target), textOf(password, target)];
  await writeAll(stream, Uint8Array.of(LOGIN_VERSION, ...user, ...secret));
  const [, status] = await readExactly(stream, 2);
  if (status !== 0) {
    throw refusal(target, "user name or password is wrong");
  }
}

function connectRequest(target: Address): Uint8Array {
  const { hostname, port } = target;
  const ports = [port >> 8, port & 0xff];
  const address = isIpAddress(hostname)
    ? literalOf(hostname)
    : [NAME, ...textOf(hostname, target)];
  return Uint8Array.of(VERSION, CONNECT, 0, ...address, ...ports);
}

function literalOf(ip: string): readonly number[] {
  const bytes = ipBytes(ip) ?? [];
  return [bytes.length === 4 ? IPV4 : IPV6, ...bytes];
}

async function readReply(stream: ByteStream, target: Address): Promise<void> {
  const [, reply = 1, , kind = 0] = await readExactly(stream, 4);
  if (reply !== 0) {
    const [code, why] = REPLIES.get(reply) ?? ["failed", "it failed"];
    throw new DialError(
      code,
      `Cannot connect to "${
        formatAddress(target)
      }" through the SOCKS proxy: ${why}`,
    );
  }
  const length = kind === NAME
    ? (await readExactly(stream, 1))[0] ?? 0
    : ADDRESS_LENGTHS.get(kind);
  if (length === undefined) throw refusal(target, "its reply makes no sense");
  await readExactly(stream, length + 2);
}

/** Reads no byte more: the next is the target's. */
async function readExactly(
  stream: ByteStream,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await stream.read(bytes.subarray(filled));
    if (count === null) {
      throw new DialError(
        "failed",
        "Cannot use the SOCKS proxy: it closed the connection",
      );
    }
    filled += count;
  }
  return bytes;
}

function textOf(text: string, target: Address): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_TEXT) {
    throw refusal(target, `a name has more than ${MAX_TEXT} bytes`);
  }
  return [bytes.length, ...bytes];
}

function refusal(target: Address, why: string): DialError {
  return new DialError(
    "failed",
    `Cannot connect to "${
      formatAddress(target)
    }" through the SOCKS proxy: ${why}`,
  );
}
