/**
 * The client's side of SOCKS 5 (RFC 1928) with user names and passwords
 * (RFC 1929): asks a proxy to connect to a host, by its name.
 */
import {
  type Address,
  formatAddress,
  ipBytes,
  isIpAddress,
} from "../address/address.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import { writeAll } from "../stream/copy.ts";
import { DialError, type DialErrorCode } from "../dial_error.ts";
import { readExactly } from "../stream/read_exactly.ts";
import {
  AddressType,
  LOGIN_VERSION,
  Method,
  Reply,
  SOCKS_VERSION,
  SocksCommand,
} from "./socks5_wire.ts";
import type { UpstreamCredentials } from "../address/upstream_proxy.ts";

/** Lengths are one byte. */
const MAX_TEXT = 255;
const ADDRESS_LENGTHS: ReadonlyMap<number, number> = new Map([
  [AddressType.IPV4, 4],
  [AddressType.IPV6, 16],
]);

/** What the proxy says about the target when it cannot (RFC 1928 §6). */
const REPLIES: ReadonlyMap<number, readonly [DialErrorCode, string]> = new Map<
  number,
  readonly [DialErrorCode, string]
>([
  [Reply.NETWORK_UNREACHABLE, ["unreachable", "the network cannot be reached"]],
  [Reply.HOST_UNREACHABLE, ["unreachable", "the host cannot be reached"]],
  [Reply.REFUSED, ["refused", "connection refused"]],
  [Reply.TIMED_OUT, ["timedOut", "no response in time"]],
]);

/**
 * Has the proxy behind `stream` connect to `target`; what follows on `stream`
 * is said to and by the target.
 *
 * @throws {DialError} When the proxy cannot reach the target.
 * @throws {SocksProxyError} When the proxy refuses, or is not a SOCKS proxy.
 */
export async function connectBySocks5(
  stream: ByteStream,
  target: Address,
  credentials?: UpstreamCredentials,
): Promise<void> {
  const method = credentials === undefined ? Method.NO_LOGIN : Method.PASSWORD;
  await writeAll(stream, Uint8Array.of(SOCKS_VERSION, 1, method));
  const [version = 0, chosen] = await readFrom(stream, 2);
  if (version !== SOCKS_VERSION) {
    throw new SocksProxyError("protocol", "speaks something else", version);
  }
  if (chosen !== method) {
    throw new SocksProxyError(
      "credentials",
      credentials === undefined
        ? "wants a user name and password"
        : "takes no login by user name and password",
    );
  }
  if (credentials !== undefined) await logIn(stream, credentials);
  await writeAll(stream, connectRequest(target));
  await readReply(stream, target);
}

async function logIn(
  stream: ByteStream,
  { username, password }: UpstreamCredentials,
): Promise<void> {
  const [user, secret] = [textOf(username), textOf(password)];
  await writeAll(stream, Uint8Array.of(LOGIN_VERSION, ...user, ...secret));
  const [, status] = await readFrom(stream, 2);
  if (status !== 0) {
    throw new SocksProxyError(
      "credentials",
      "rejects the user name or the password",
    );
  }
}

function connectRequest(target: Address): Uint8Array {
  const { hostname, port } = target;
  const ports = [port >> 8, port & 0xff];
  const address = isIpAddress(hostname)
    ? literalOf(hostname)
    : [AddressType.NAME, ...textOf(hostname)];
  return Uint8Array.of(
    SOCKS_VERSION,
    SocksCommand.CONNECT,
    0,
    ...address,
    ...ports,
  );
}

function literalOf(ip: string): readonly number[] {
  const bytes = ipBytes(ip) ?? [];
  return [bytes.length === 4 ? AddressType.IPV4 : AddressType.IPV6, ...bytes];
}

async function readReply(stream: ByteStream, target: Address): Promise<void> {
  const [, reply = 1, , kind = 0] = await readFrom(stream, 4);
  if (reply !== Reply.SUCCEEDED) {
    const found = REPLIES.get(reply);
    if (found === undefined) {
      throw new SocksProxyError("failed", refused(reply));
    }
    const [code, why] = found;
    throw new DialError(
      code,
      `Cannot connect to "${
        formatAddress(target)
      }" through the SOCKS proxy: ${why}`,
      { why },
    );
  }
  const length = kind === AddressType.NAME
    ? (await readFrom(stream, 1))[0] ?? 0
    : ADDRESS_LENGTHS.get(kind);
  if (length === undefined) {
    throw new SocksProxyError(
      "failed",
      `sent an address of the unknown kind ${kind}`,
    );
  }
  await readFrom(stream, length + 2);
}

function readFrom(stream: ByteStream, length: number): Promise<Uint8Array> {
  return readExactly(
    stream,
    length,
    () =>
      new SocksProxyError(
        "failed",
        "closed the connection before it responded",
      ),
  );
}

function textOf(text: string): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_TEXT) {
    throw new SocksProxyError(
      "failed",
      `takes no name of more than ${MAX_TEXT} bytes`,
    );
  }
  return [bytes.length, ...bytes];
}

/** What the proxy says about itself. */
function refused(reply: number): string {
  return reply === Reply.NOT_ALLOWED
    ? "forbids this host by its rules"
    : `failed to connect (reply ${reply})`;
}

/** The proxy itself failed, and not what is behind it. */
export class SocksProxyError extends DialError {
  /** The first byte of its response, where that is not SOCKS 5. */
  readonly first: number | undefined;

  /** @param why Without a subject, which is the proxy. */
  constructor(code: DialErrorCode, why: string, first?: number) {
    super(code, `Cannot use the SOCKS proxy: it ${why}`, {
      ...{ why, isOfProxy: true },
    });
    this.first = first;
  }
}
