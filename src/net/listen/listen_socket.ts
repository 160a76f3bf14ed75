/**
 * Listening on a Unix socket.
 *
 * @module
 */
import { opened } from "./listen.ts";

/** Whoever can open the socket can do what is behind it. */
const OWNER_ONLY = 0o600;

/** A socket that is listened on. */
export interface ListeningSocket {
  readonly listener: Deno.UnixListener;
  /** Takes the socket away from its folder; when nobody listens on it any more. */
  remove(): void;
}

/**
 * Opens a Unix socket that only this user can open. What an earlier program has
 * left there is removed.
 *
 * @throws {ListenError} When there is a file that is no socket, or the folder is not ours.
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

/** Never removes a file that somebody may still want. */
function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}
