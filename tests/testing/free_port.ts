/**
 * Ports for programs that cannot choose one themselves.
 *
 * @module
 */

/** A port that nobody has at the moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
