/**
 * PROXY headers as balancers write them.
 *
 * @module
 */

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** What a header of version 2 says. */
export interface HeaderV2 {
  /** Version and command; 0x21 is PROXY. */
  readonly command?: number;
  /** 0x11 is TCP over IPv4. */
  readonly family?: number;
  /** What follows the head. */
  readonly content?: Uint8Array;
  /** What the head says; by default the length of the content. */
  readonly length?: number;
}

/** A header of version 2, byte for byte. */
export function headerV2(
  { command = 0x21, family = 0x11, content = TCP4, length }: HeaderV2 = {},
): Uint8Array<ArrayBuffer> {
  const size = length ?? content.length;
  return Uint8Array.from([
    ...latin1(SIGNATURE),
    ...[command, family, size >> 8, size & 0xff],
    ...content,
  ]);
}

/** From 192.0.2.7 port 4711 to 198.51.100.1 port 443. */
export const TCP4: Uint8Array = Uint8Array.from([
  ...[192, 0, 2, 7, 198, 51, 100, 1],
  ...[0x12, 0x67, 0x01, 0xbb],
]);

/** From [2001:db8::7] port 4711 to [2001:db8::1] port 443. */
export const TCP6: Uint8Array = Uint8Array.from([
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x12, 0x67, 0x01, 0xbb],
]);

/** A header of version 1. */
export function headerV1(
  line = "TCP4 192.0.2.7 198.51.100.1 4711 443",
): Uint8Array<ArrayBuffer> {
  return latin1(`PROXY ${line}\r\n`);
}

/** Text whose characters are bytes. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

/** One after the other. */
export function join(
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
