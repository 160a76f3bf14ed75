import assert from "node:assert/strict";
import { decodeUserText, Utf16Error } from "../../src/platform/text.ts";

const TEXT = "user: jane\n";

function utf16(text: string, isBig: boolean, mark: readonly number[]) {
  const pairs = [...text].flatMap((each) => {
    const code = each.charCodeAt(0);
    return isBig ? [code >> 8, code & 255] : [code & 255, code >> 8];
  });
  return new Uint8Array([...mark, ...pairs]);
}

Deno.test("decodeUserText() reads UTF-8, with and without a mark", () => {
  const bytes = new TextEncoder().encode(`${TEXT}größe: 1\n`);
  assert.equal(decodeUserText(bytes), `${TEXT}größe: 1\n`);
  assert.equal(
    decodeUserText(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])),
    `${TEXT}größe: 1\n`,
  );
  assert.equal(decodeUserText(new Uint8Array()), "");
});

/** How a text in UTF-16 can begin. */
const FORMS = [
  ["little-endian, as PowerShell 5 writes it", false, [0xff, 0xfe]],
  ["big-endian", true, [0xfe, 0xff]],
  ["little-endian without a mark", false, []],
  ["big-endian without a mark", true, []],
] as const;

for (const [what, isBig, mark] of FORMS) {
  Deno.test(`decodeUserText() names UTF-16: ${what}`, () => {
    assert.throws(
      () => decodeUserText(utf16(TEXT, isBig, mark)),
      new Utf16Error(),
    );
  });
}

Deno.test("decodeUserText() takes a zero somewhere for text", () => {
  assert.equal(decodeUserText(new Uint8Array([97, 0, 98, 99])), "a\0bc");
});
