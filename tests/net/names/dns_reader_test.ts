/** Places in a DNS message, and what leads past its end. */
import assert from "node:assert/strict";
import { DnsReader } from "../../../src/net/names/dns_reader.ts";

const label = (text: string) => [
  text.length,
  ...[...text].map((each) => each.charCodeAt(0)),
];
const read = (...bytes: readonly number[]) =>
  new DnsReader(Uint8Array.from(bytes));

Deno.test("DnsReader goes on behind what it has read", () => {
  const reader = new DnsReader(
    Uint8Array.of(9, 9, 1, 2, 0, 7, 10, 0, 0, 1).subarray(2),
  );
  assert.equal(reader.at, 0);
  assert.equal(reader.uint16(), 0x0102);
  assert.equal(reader.at, 2);
  reader.skip(1);
  assert.equal(reader.at, 3);
  reader.skip(1);
  assert.equal(reader.address(4), "10.0.0.1");
  assert.equal(reader.at, 8);
  reader.goTo(1);
  assert.equal(reader.uint16(), 0x0200);
  reader.goTo(7);
  assert.throws(() => reader.uint16(), RangeError);
});

Deno.test("an address has 4 or 16 bytes, all of them there", () => {
  const six = [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 1];
  assert.equal(read(...six).address(16), "2001:db8::1");
  for (const length of [3, 5, 15, 17]) {
    assert.throws(() => read(...six, 0).address(length), /No IP address/);
  }
  assert.throws(() => read(1, 2, 3).address(4), /Cut short/);
  assert.equal(read(1, 2, 3, 4).address(4), "1.2.3.4");
});

Deno.test("a name is its labels in lower case, and the place behind it", () => {
  const reader = read(...label("Shop"), ...label("test"), 0, 1, 2);
  assert.equal(reader.name(), "shop.test");
  assert.equal(reader.uint16(), 0x0102);
});

Deno.test("a name goes on where its pointers lead, the place behind the first one", () => {
  const bytes = [
    ...[...label("test"), 0],
    ...[...label("shop"), 0xc0, 0],
    ...[...label("www"), 0xc0, 6, 1, 2],
  ];
  const reader = read(...bytes);
  reader.goTo(13);
  assert.equal(reader.name(), "www.shop.test");
  assert.equal(reader.at, 19);
  assert.equal(reader.uint16(), 0x0102);
});

Deno.test("a pointer reaches far, and never to itself or forward", () => {
  const far = new Array<number>(0x0123).fill(0);
  const reader = read(...far, ...label("a"), 0, 0xc1, 0x23);
  reader.goTo(0x0123 + 3);
  assert.equal(reader.name(), "a");

  for (const target of [2, 3, 4]) {
    const loop = read(0, 0, 0xc0, target, 0, 0);
    loop.goTo(2);
    assert.throws(() => loop.name(), /Loop/, `${target}`);
  }
  const back = read(...label("a"), 0xc0, 0, 0);
  back.goTo(2);
  assert.throws(() => back.name(), /Loop/);
});

Deno.test("a label has at most 63 bytes, all of them there", () => {
  assert.equal(read(...label("a".repeat(63)), 0).name(), "a".repeat(63));
  for (const length of [0x40, 0x80, 0xbf]) {
    const other = read(0, length, 0);
    other.goTo(1);
    assert.throws(() => other.name(), /Loop/);
  }
  assert.throws(() => read(3, 97, 97).name(), /Cut short/);
  assert.throws(() => read(1, 97).name(), RangeError);
});

Deno.test("a name has at most 253 characters", () => {
  const bytes = (last: number) => [
    ...[63, 63, 63].flatMap((size) => label("a".repeat(size))),
    ...[...label("a".repeat(last)), 0],
  ];
  assert.equal(read(...bytes(61)).name().length, 253);
  assert.throws(() => read(...bytes(62)).name(), /Too long/);
});
