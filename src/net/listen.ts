/**
 * Opening a port to listen on.
 *
 * @module
 */
import { type Address, formatAddress } from "./address.ts";

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
 * Gives what `open` opens on `address`.
 *
 * @throws {ListenError} Instead of what `open` throws.
 */
export function opened<T>(address: Address, open: () => T): T {
  return openedAt(formatAddress(address), open);
}

/**
 * Gives what `open` opens on `place`, an address or a path.
 *
 * @throws {ListenError} Instead of what `open` throws.
 */
export function openedAt<T>(place: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new ListenError(`Cannot listen on "${place}": ${reason(cause)}`, {
      cause,
    });
  }
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse) {
    return "the address is in use, choose another port or stop the program that has it";
  }
  return cause instanceof Error ? cause.message : String(cause);
}
