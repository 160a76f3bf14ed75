import { systemReason } from "../../log/system_reason.ts";
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
export function listenTcp(address: Address): Deno.TcpListener {
  return opened(address, () => Deno.listen(address));
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

/** Why, and what to do. */
function addressReason(cause: unknown, { hostname }: Address): string {
  if (cause instanceof Deno.errors.AddrInUse) {
    return "the address is in use, choose another port or stop the program that has it";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it, choose a port from 1024 on";
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
