/**
 * Requests and fields of every kind, for the properties of the wire.
 *
 * @module
 */
import fc from "fast-check";
import type { ProxyRequest } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";

const TOKEN = "!#$%&'*+-.^_`|~09azAZ";
const VISIBLE = Array.from(
  { length: 0x7f - 0x21 },
  (_, at) => String.fromCharCode(0x21 + at),
).join("");

function textOf(characters: string): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(...characters),
    minLength: 1,
    maxLength: 12,
  });
}

/** Names that browsers and origins use, and any others. */
const fieldName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("Accept", "accept", "ACCEPT", "x-Mixed-cAse", "Cookie"),
  textOf(TOKEN),
);

/** What the wire keeps for itself: it says these in its own way, or not at all. */
export function isReserved(name: string): boolean {
  return /^(host$|sallyport-|content-length$)/i.test(name);
}

/** Field lines in any order, with repeats. */
export const fields: fc.Arbitrary<Fields> = fc
  .array(
    fc.tuple(
      fieldName.filter((name) => !isReserved(name)),
      fc.oneof(fc.constant(""), textOf(VISIBLE), fc.constant("naïve text")),
    ),
    { maxLength: 12 },
  )
  .map((lines) => new Fields(lines.flat()));

const authority = fc.constantFrom("a.test", "a.test:8080", "[::1]:80");
const scheme = fc.constantFrom("http" as const, "https" as const);
const path = textOf(VISIBLE).map((text) => `/${text}`);

/** Requests of all kinds, none with content. */
export const request: fc.Arbitrary<ProxyRequest> = fc.oneof(
  fc.record({
    kind: fc.constant("request" as const),
    method: textOf(TOKEN).filter((method) => method !== "CONNECT"),
    authority,
    scheme,
    path,
    fields,
    body: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant("upgrade" as const),
    method: fc.constant("GET"),
    authority,
    scheme,
    path,
    protocol: textOf(TOKEN),
    fields,
  }),
  fc.record({
    kind: fc.constant("connect" as const),
    method: fc.constant("CONNECT"),
    authority,
    fields,
  }),
);
