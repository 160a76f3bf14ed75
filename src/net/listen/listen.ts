import { systemReason } from "../../log/system_reason.ts";
import { SYSTEM, type System } from "../../platform/system.ts";
import {
  type Address,
  formatAddress,
  isIpAddress,
} from "../address/address.ts";

/** A listener could not be opened; the message says where and why. */
export class ListenError extends Error {
  /** Always `ListenError`. */
  override readonly name = "ListenError";
}

/**
 * Opens a TCP listener.
 *
 * @throws {ListenError} When the address is taken or not ours.
 */
export function listenTcp(
  address: Address,
  { splitsPorts }: Pick<System, "splitsPorts"> = SYSTEM,
): Deno.TcpListener {
  return opened(address, () => {
    if (splitsPorts) checkLoopback(address);
    return Deno.listen(address);
  });
}

/** The loopback address that belongs to all addresses of a family. */
const LOOPBACK_OF: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/**
 * Where systems split ports, a listener on all addresses would not get the
 * connections of this machine while another program has loopback.
 *
 * @throws {Deno.errors.AddrInUse} When another program has it.
 */
function checkLoopback({ hostname, port }: Address): void {
  const loopback = LOOPBACK_OF.get(hostname);
  if (loopback === undefined || port === 0) return;
  try {
    Deno.listen({ hostname: loopback, port }).close();
  } catch (cause) {
    // A machine without this family has nobody there either.
    if (cause instanceof Deno.errors.AddrInUse) throw cause;
  }
}

/**
 * Opens a TLS listener that speaks HTTP/1.1.
 *
 * @throws {ListenError} When the address is taken or not ours.
 */
export function listenTls(
  address: Address,
  { cert, key }: { readonly cert: string; readonly key: string },
): Deno.TlsListener {
  return opened(
    address,
    () =>
      Deno.listenTls({ ...address, cert, key, alpnProtocols: ["http/1.1"] }),
  );
}

/**
 * Gives what `open` opens on `place`, an address or the path of a socket.
 *
 * @throws {ListenError} Instead of what `open` throws.
 */
export function opened<T>(place: Address | string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const isPath = typeof place === "string";
    const where = isPath ? place : formatAddress(place);
    const reason = isPath ? systemReason(cause) : addressReason(cause, place);
    throw new ListenError(`Cannot listen on "${where}": ${reason}`, { cause });
  }
}

/** Ports that systems keep for administrators. */
const FIRST_FREE_PORT = 1024;

/** Why, and what to do. */
function addressReason(cause: unknown, { hostname, port }: Address): string {
  if (cause instanceof Deno.errors.AddrInUse) {
    return "the address is in use, choose another port or stop the program that has it";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return port < FIRST_FREE_PORT
      ? "the system does not allow it, choose a port from 1024 on"
      : "the system does not allow it, it may have reserved the port " +
        '("netsh interface ipv4 show excludedportrange tcp" on Windows), ' +
        "choose another";
  }
  // A name that is not known has no class and no code.
  const isElsewhere = cause instanceof Deno.errors.AddrNotAvailable ||
    !isIpAddress(hostname) && !hasCode(cause);
  return isElsewhere
    ? "this machine has no such address, choose one of its own"
    : systemReason(cause);
}

function hasCode(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code !== undefined;
}
