/** Keys and records of the handshake that RFC 8448 §3 writes down. */
import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import {
  block,
  finishedOf,
  hashOf,
  hmacOf,
  joined,
  protectFirst,
  serverSecret,
} from "../../../src/net/tls/handshake_keys.ts";

const hex = (text: string) => Uint8Array.fromHex(text);

const SHARED = hex(
  "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d",
);
/** The hash of ClientHello and ServerHello. */
const TRANSCRIPT = hex(
  "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8",
);
const SECRET = hex(
  "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
);
const KEY = hex("3fce516009c21727d0f2e4e86ee403bc");
const IV = hex("5d313eb2671276ee13000b30");
const FINISHED_KEY = hex(
  "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8",
);

Deno.test("serverSecret() is that of RFC 8448 §3", () => {
  assert.deepEqual(serverSecret(SHARED, TRANSCRIPT), SECRET);
});

Deno.test("finishedOf() signs the transcript with the key of RFC 8448 §3", () => {
  assert.deepEqual(
    finishedOf(SECRET, TRANSCRIPT),
    hmacOf(FINISHED_KEY, TRANSCRIPT),
  );
});

for (const size of [1, 255, 256, 700]) {
  Deno.test(`protectFirst() seals ${size} bytes with the key of RFC 8448 §3`, () => {
    const content = new Uint8Array(size).map((_, at) => at % 251);

    const sealed = protectFirst(SECRET, 22, content);

    const header = sealed.subarray(0, 5);
    // Application data of TLS 1.2, and the length of all that follows.
    const length = size + 1 + 16;
    assert.deepEqual([...header], [23, 3, 3, length >> 8, length & 255]);
    assert.equal(sealed.length, 5 + length);
    const decipher = createDecipheriv("aes-128-gcm", KEY, IV);
    decipher.setAAD(header);
    decipher.setAuthTag(sealed.subarray(-16));
    const inner = decipher.update(sealed.subarray(5, -16));
    decipher.final();
    assert.deepEqual([...inner], [...content, 22]);
  });
}

Deno.test("hashOf() is of all messages together", () => {
  const empty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  assert.equal(hashOf().toHex(), empty);
  const abc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(hashOf(hex("61"), hex("6263")).toHex(), abc);
});

Deno.test("hmacOf() is that of RFC 4231, case 2", () => {
  const encoder = new TextEncoder();
  assert.equal(
    hmacOf(
      encoder.encode("Jefe"),
      encoder.encode("what do ya want for nothing?"),
    ).toHex(),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("block() writes a length in as many bytes as its size says", () => {
  const bytes = new Uint8Array(0x0102).fill(7);
  assert.deepEqual([...block(1, hex("0a0b"))], [2, 0x0a, 0x0b]);
  assert.deepEqual([...block(2, bytes)], [1, 2, ...bytes]);
  assert.deepEqual([...block(3, bytes)], [0, 1, 2, ...bytes]);
  assert.deepEqual([...block(2, new Uint8Array(0))], [0, 0]);
});

Deno.test("joined() keeps the order", () => {
  assert.equal(joined(hex("01"), hex(""), hex("0203")).toHex(), "010203");
  assert.equal(joined().toHex(), "");
});
