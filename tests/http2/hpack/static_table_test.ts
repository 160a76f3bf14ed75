import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  STATIC_LENGTH,
  STATIC_NAMES,
  STATIC_VALUES,
} from "../../../src/http2/hpack/static_table.ts";

// Appendix A, every entry with a value and some without one.
const ENTRIES: readonly (readonly [number, string, string])[] = [
  [1, ":authority", ""],
  [2, ":method", "GET"],
  [3, ":method", "POST"],
  [4, ":path", "/"],
  [5, ":path", "/index.html"],
  [6, ":scheme", "http"],
  [7, ":scheme", "https"],
  [8, ":status", "200"],
  [9, ":status", "204"],
  [10, ":status", "206"],
  [11, ":status", "304"],
  [12, ":status", "400"],
  [13, ":status", "404"],
  [14, ":status", "500"],
  [16, "accept-encoding", "gzip, deflate"],
  [20, "access-control-allow-origin", ""],
  [28, "content-length", ""],
  [32, "cookie", ""],
  [38, "host", ""],
  [49, "proxy-authorization", ""],
  [55, "set-cookie", ""],
  [61, "www-authenticate", ""],
];

Deno.test("the static table has the entries of appendix A at their indices", () => {
  for (const [index, name, value] of ENTRIES) {
    deepStrictEqual([STATIC_NAMES[index], STATIC_VALUES[index]], [name, value]);
  }
});

Deno.test("the static table has 61 entries, the names in order after the pseudo-fields", () => {
  strictEqual(STATIC_LENGTH, 61);
  strictEqual(STATIC_NAMES.length, 62);
  strictEqual(STATIC_VALUES.length, 62);
  // Appendix A puts "accept" after "accept-ranges"; all others are sorted.
  const names = STATIC_NAMES.slice(15).map((name) =>
    name === "accept" ? "accept-z" : name
  );
  deepStrictEqual(names, names.toSorted());
});
