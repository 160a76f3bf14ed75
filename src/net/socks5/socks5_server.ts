/**
 * The proxy's side of SOCKS 5 (RFC 1928) with user names and passwords
 * (RFC 1929): reads the target of a client. Only CONNECT: there is nothing
 * behind the proxy that could listen or take datagrams.
 */
import ipaddr from "ipaddr.js";
import type { Address } from "../address/address.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import { writeAll } from "../stream/copy.ts";
import { readExactly } from "../stream/read_exactly.ts";
import {
  AddressType,
  LOGIN_VERSION,
  Method,
  Reply,
  type ReplyCode,
  SOCKS_VERSION,
  SocksCommand,
} from "./socks5_wire.ts";

/** A message of a client that is invalid or not supported. */
export class SocksError extends Error {
  /** Always `SocksError`. */
  override readonly name = "SocksError";
}

/** A user name and a password. */
export interface SocksLogin {
  readonly username: string;
  readonly password: string;
}

/** Which clients are accepted. */
export interface SocksDoor {
  /** Whether clients without a user name are refused. */
  readonly needsLogin: boolean;
  /** Checks a login, where there is one. `gone` is aborted when the client has left. */
  admits(login: SocksLogin, gone: AbortSignal): Promise<boolean>;
}

/** Where a client wants to go. */
export interface SocksRequest {
  readonly target: Address;
  /** `undefined` when it came in without one. */
  readonly login: SocksLogin | undefined;
}

/**
 * Reads what a client asks for; it waits for {@linkcode answerSocks5} then.
 *
 * @throws {SocksError} When the login or the request is refused; the client got the reply.
 * @throws What the stream throws.
 */
export async function acceptSocks5(
  stream: ByteStream,
  door: SocksDoor,
): Promise<SocksRequest> {
  const { login, version = readByte(stream) } = await letIn(stream, door);
  if (await version !== SOCKS_VERSION) throw new SocksError("not SOCKS 5");
  const [command, , type] = await read(stream, 3);
  if (command !== SocksCommand.CONNECT) {
    await answerSocks5(stream, Reply.UNKNOWN_COMMAND);
    throw new SocksError(`command ${command} is not CONNECT`);
  }
  const hostname = await readHost(stream, type);
  if (hostname === undefined) {
    await answerSocks5(stream, Reply.UNKNOWN_ADDRESS_TYPE);
    throw new SocksError(`addresses of type ${type} are unknown`);
  }
  const [high = 0, low = 0] = await read(stream, 2);
  return { target: { hostname, port: high << 8 | low }, login };
}

/** Sends the reply to the client; after {@linkcode Reply}`.SUCCEEDED` the stream is the target's. */
export async function answerSocks5(
  stream: ByteStream,
  reply: ReplyCode,
): Promise<void> {
  // The address that was bound means nothing to a client behind a tunnel.
  const bound = [AddressType.IPV4, 0, 0, 0, 0, 0, 0];
  await writeAll(stream, Uint8Array.of(SOCKS_VERSION, reply, 0, ...bound));
}

/** A client that was let in. */
interface LetIn {
  readonly login?: SocksLogin;
  /** The first byte of what it asks for, if it is being read already. */
  readonly version?: Promise<number>;
}

async function letIn(stream: ByteStream, door: SocksDoor): Promise<LetIn> {
  const [version, count = 0] = await read(stream, 2);
  if (version !== SOCKS_VERSION) throw new SocksError("not SOCKS 5");
  const method = chosen(await read(stream, count), door.needsLogin);
  await writeAll(stream, Uint8Array.of(SOCKS_VERSION, method));
  if (method === Method.NONE_ACCEPTABLE) {
    throw new SocksError("it offers no user name and password");
  }
  return method === Method.PASSWORD ? await logIn(stream, door) : {};
}

function chosen(offered: Uint8Array, needsLogin: boolean): number {
  if (!needsLogin && offered.includes(Method.NO_LOGIN)) return Method.NO_LOGIN;
  return offered.includes(Method.PASSWORD)
    ? Method.PASSWORD
    : Method.NONE_ACCEPTABLE;
}

async function logIn(
  stream: ByteStream,
  { admits }: SocksDoor,
): Promise<LetIn> {
  if (await readByte(stream) !== LOGIN_VERSION) {
    throw new SocksError("invalid login message");
  }
  const login = {
    username: await readText(stream),
    password: await readText(stream),
  };
  // A check may take long: a read shows whether the client is still there.
  const gone = new AbortController();
  const version = readByte(stream);
  version.catch((cause) => gone.abort(cause));
  const isRight = await admits(login, gone.signal);
  await writeAll(stream, Uint8Array.of(LOGIN_VERSION, isRight ? 0 : 1));
  if (!isRight) throw new SocksError("its user name or password is wrong");
  return { login, version };
}

/** `undefined` for a type of address that does not exist. */
async function readHost(
  stream: ByteStream,
  type: number | undefined,
): Promise<string | undefined> {
  switch (type) {
    case AddressType.NAME:
      return await readText(stream);
    case AddressType.IPV4:
      return ipaddr.fromByteArray([...await read(stream, 4)]).toString();
    case AddressType.IPV6:
      return ipaddr.fromByteArray([...await read(stream, 16)]).toString();
    default:
      return undefined;
  }
}

async function readByte(stream: ByteStream): Promise<number> {
  const [byte = 0] = await read(stream, 1);
  return byte;
}

async function readText(stream: ByteStream): Promise<string> {
  const [length = 0] = await read(stream, 1);
  return new TextDecoder().decode(await read(stream, length));
}

function read(stream: ByteStream, length: number): Promise<Uint8Array> {
  return readExactly(stream, length, () => new SocksError("it ended early"));
}
