/**
 * Promise: a peer that does not read makes neither the server nor the client
 * hold more than 50 MB, whichever way the bytes take.
 *
 * @module
 */
import { needs } from "../testing/needs.ts";
import { DIRECTIONS, holdsLittle } from "./unread_peers.ts";

for (
  const [kind, args] of [
    ["plain", []],
    ["plain", ["--inspector"]],
    ["CONNECT", []],
    ["SOCKS", []],
  ] as const
) {
  for (const direction of DIRECTIONS) {
    const name = [kind, ...args].join(" ");
    Deno.test({
      // Other systems tell the memory of a process in other ways.
      ignore: Deno.build.os !== "linux" || needs("cat").ignore,
      name: `${name}: one ${direction} that nobody reads costs little memory`,
      fn: () => holdsLittle(kind, direction, args),
    });
  }
}
