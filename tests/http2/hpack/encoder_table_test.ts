import { strictEqual } from "node:assert/strict";
import { EncoderTable } from "../../../src/http2/hpack/encoder_table.ts";

Deno.test("EncoderTable finds static fields, static names, and nothing", () => {
  const table = new EncoderTable(4096);

  strictEqual(table.find(":status", "404", 0), 13);
  strictEqual(table.find(":status", "418", 0), -8);
  strictEqual(table.find("accept", "", 0), 19);
  strictEqual(table.find("x-unknown", "", 0), 0);
});

Deno.test("EncoderTable finds dynamic fields at indices that rise as they age", () => {
  const table = new EncoderTable(4096);

  table.insert("x-a", "1");
  strictEqual(table.find("x-a", "1", 0), 62);
  table.insert("x-b", "1");

  strictEqual(table.find("x-a", "1", 0), 63);
  strictEqual(table.find("x-b", "1", 0), 62);
});

Deno.test("EncoderTable takes a dynamic name from its newest entry", () => {
  const table = new EncoderTable(4096);

  table.insert("x-a", "1");
  table.insert("x-a", "2");
  table.insert("x-b", "1");

  strictEqual(table.find("x-a", "3", 0), -63);
});

Deno.test("EncoderTable forgets what is evicted, and its name with the last of it", () => {
  const table = new EncoderTable(3 * 36);
  table.insert("x-a", "1");
  table.insert("x-a", "2");
  strictEqual(table.find("x-a", "1", 0), 63);

  table.insert("x-b", "1");
  table.insert("x-c", "1");
  strictEqual(table.find("x-a", "1", 0), -64);
  strictEqual(table.find("x-a", "2", 0), 64);

  table.insert("x-d", "1");
  strictEqual(table.find("x-a", "2", 0), 0);
});

Deno.test("EncoderTable keeps static fields when dynamic ones of their name leave", () => {
  const table = new EncoderTable(64);

  table.insert(":status", "418");
  strictEqual(table.find(":status", "418", 0), 62);
  table.resize(0);

  strictEqual(table.find(":status", "418", 0), -8);
  strictEqual(table.find(":status", "200", 0), 8);
});

Deno.test("EncoderTable does not take an empty field for one that was evicted", () => {
  const table = new EncoderTable(4096);
  table.insert("", "");
  strictEqual(table.find("", "", 0), 62);

  table.resize(0);

  strictEqual(table.find("", "", 0), 0);
});

Deno.test("EncoderTable finds a field at any position, far ones and new ones too", () => {
  const table = new EncoderTable(4096);
  table.insert("x-a", "1");

  for (const position of [0, 0, 31, 32, 1000, 0]) {
    strictEqual(table.find("x-a", "1", position), 62);
    strictEqual(table.find(":status", "404", position), 13);
  }
});

Deno.test("EncoderTable does not find a field that is larger than the table", () => {
  const table = new EncoderTable(64);
  table.insert("x-a", "1");

  table.insert("x-b", "1".repeat(64));

  strictEqual(table.find("x-b", "1".repeat(64), 0), 0);
  strictEqual(table.find("x-b", "1", 0), 0);
  strictEqual(table.find("x-a", "1", 0), 0);
});

Deno.test("EncoderTable does not take a field for the one that stood there before", () => {
  const table = new EncoderTable(4096);
  table.insert("x-a", "1");
  strictEqual(table.find("x-a", "1", 0), 62);

  strictEqual(table.find("x-a", "2", 0), -62);
  strictEqual(table.find("x-b", "1", 0), 0);
  table.insert("x-c", "1");
  strictEqual(table.find("x-a", "1", 0), 63);
});

Deno.test("EncoderTable finds the first and the last static entry", () => {
  const table = new EncoderTable(4096);

  strictEqual(table.find(":authority", "", 0), 1);
  strictEqual(table.find("www-authenticate", "", 0), 61);
});
