import assert from "node:assert/strict";
import {
  hasToken,
  isFieldValue,
  isToken,
  listMembers,
  trimOws,
} from "../../src/http/tokens.ts";

Deno.test("isToken() takes the characters of RFC 9110 §5.6.2 and no others", () => {
  const allowed = Array.from(
    { length: 0x180 },
    (_, code) => String.fromCharCode(code),
  )
    .filter(isToken).join("");

  assert.equal(
    allowed,
    "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
  );
  assert.equal(isToken(""), false);
});

Deno.test("isFieldValue() refuses controls and what is not a byte", () => {
  for (
    const text of ["a\rb", "a\nb", "a\0b", "\x7f", "\x1f", "\u0100", "\u010a"]
  ) {
    assert.equal(isFieldValue(text), false, JSON.stringify(text));
  }
  for (const text of ["", " a\tb ", "\x80\xff"]) {
    assert.equal(isFieldValue(text), true, JSON.stringify(text));
  }
});

Deno.test("hasToken() looks at whole members, whatever their case", () => {
  assert.equal(hasToken("keep-alive, Upgrade", "upgrade"), true);
  assert.equal(hasToken("\t CLOSE \t", "close"), true);
  assert.equal(hasToken("closed, not-close", "close"), false);
  assert.equal(hasToken(undefined, "close"), false);
});

Deno.test("listMembers() leaves empty members out", () => {
  assert.deepEqual(listMembers(" A ,, b,"), ["a", "b"]);
});

Deno.test("trimOws() removes spaces and tabs, and no other whitespace", () => {
  assert.equal(trimOws(" \t a b\t "), "a b");
  assert.equal(trimOws("\t \t"), "");
  assert.equal(trimOws(""), "");
  for (const code of [0x0a, 0x0b, 0x0c, 0x0d, 0x85, 0xa0, 0x2028, 0xfeff]) {
    const other = String.fromCharCode(code);

    assert.equal(trimOws(`${other}a${other}`), `${other}a${other}`);
    assert.deepEqual(listMembers(`close${other}`), [`close${other}`]);
    assert.equal(hasToken(`close${other}`, "close"), false);
  }
});
