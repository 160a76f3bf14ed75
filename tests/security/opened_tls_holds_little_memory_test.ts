/**
 * Promise: where TLS is opened, a peer that does not read makes neither the
 * server nor the client hold more than 50 MB.
 *
 * The server opens the browser's TLS, and the client speaks TLS with a site
 * that it does not verify: both by Node's TLS, which has no brakes of its own.
 *
 * @module
 */
import { needs } from "../testing/needs.ts";
import { DIRECTIONS, holdsLittle } from "./unread_peers.ts";

for (const kind of ["HTTP/1.1", "HTTP/2", "WebSocket"] as const) {
  for (const direction of DIRECTIONS) {
    Deno.test({
      // Other systems tell the memory of a process in other ways.
      ignore: Deno.build.os !== "linux" || needs("cat").ignore,
      name: `${kind}: one ${direction} that nobody reads costs little memory`,
      fn: () =>
        holdsLittle(kind, direction, [
          "--tls-resign-domains=all",
          "--insecure-domains=all",
        ]),
    });
  }
}
