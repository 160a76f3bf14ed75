/** The options of a socket, as far as the runtime has them. */
export type TcpOptions = Pick<Deno.TcpConn, "setNoDelay" | "setKeepAlive">;

/**
 * Small writes go out at once, and the system notices a peer that has vanished.
 * macOS refuses both for a connection whose peer is gone already: reading says
 * so.
 */
export function setTcpOptions(conn: TcpOptions): void {
  try {
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
  } catch {
    // The peer is gone.
  }
}
