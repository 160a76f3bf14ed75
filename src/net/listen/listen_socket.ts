import { opened } from "./listen.ts";

/** Every process that can open the socket may use it. */
const OWNER_ONLY = 0o600;

/** A socket that is listened on. */
export interface ListeningSocket {
  readonly listener: Deno.UnixListener;
  /** Removes the socket from its folder, after the listener is closed. */
  remove(): void;
}

/**
 * Opens a Unix socket that only this user can open. What an earlier program has
 * left there is removed.
 *
 * @throws {ListenError} When another kind of file has the path, or the folder is not ours.
 */
export function listenSocket(path: string): ListeningSocket {
  const listener = opened(path, () => {
    removeSocket(path);
    const listener = Deno.listen({ transport: "unix", path });
    Deno.chmodSync(path, OWNER_ONLY);
    return listener;
  });
  return { listener, remove: () => removeSocket(path) };
}

/** Removes only a socket that no process listens on. */
function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}
