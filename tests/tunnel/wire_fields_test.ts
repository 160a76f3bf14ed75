/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Fields } from "../../src/http/fields.ts";
import { appendFields, readFields } from "../../src/tunnel/wire_fields.ts";
import { run } from "../testing/process.ts";
import { fields as anyFields } from "./exchanges.ts";

/** What goes onto the wire for `flat`. */
function encode(...flat: string[]): string[] {
  const list: string[] = [];
  appendFields(list, new Fields(flat));
  return list;
}

/** What comes out of the wire for `list`. */
function decode(...list: string[]): readonly string[] {
  return readFields(list).fields.flat;
}

Deno.test("appendFields() writes names in lower case and lists them as they were", () => {
  assert.deepEqual(encode("Accept", "*/*", "x-a", "1"), [
    ...["accept", "*/*", "x-a", "1"],
    ...["sallyport-names", "Accept,x-a"],
  ]);
});

Deno.test("appendFields() lists no names that are in lower case already", () => {
  assert.deepEqual(encode("accept", "*/*"), ["accept", "*/*"]);
  assert.deepEqual(encode(), []);
});

Deno.test("appendFields() leaves out Host and what only the wire may say", () => {
  const list = encode(
    ...["Host", "a.test", "HOST", "b.test", "A", "1"],
    ...["Sallyport-Names", "Evil", "sallyport-upgraded", "websocket"],
    ...["SALLYPORT-", "x"],
  );

  assert.deepEqual(list, ["a", "1", "sallyport-names", "A"]);
});

Deno.test("appendFields() writes behind what is in the list", () => {
  const list = [":status", "200"];

  appendFields(list, new Fields(["a", "1"]));

  assert.deepEqual(list, [":status", "200", "a", "1"]);
});

Deno.test("readFields() gives names their case back, in order and with repeats", () => {
  const flat = decode(
    ...["set-cookie", "a", "x-b", "1", "set-cookie", "c"],
    ...["sallyport-names", "Set-Cookie,X-b,SET-COOKIE"],
  );

  assert.deepEqual(flat, ["Set-Cookie", "a", "X-b", "1", "SET-COOKIE", "c"]);
});

Deno.test("readFields() tells pseudo-header fields and the wire's own apart", () => {
  const { meta, fields } = readFields([
    ...[":status", "200", "a", "1"],
    ...["sallyport-upgraded", "websocket", "sallyport-unknown", "x"],
  ]);

  assert.equal(meta.get(":status"), "200");
  assert.equal(meta.get("sallyport-upgraded"), "websocket");
  assert.deepEqual(fields.flat, ["a", "1"]);
});

Deno.test("readFields() takes names only from a list that fits", () => {
  const lists = [
    ...["", "A", "A,B,C", "B,A", "A,B,", ",A,B", "A, B", "A;B"],
    ...["Host,B", "A\r\nX,B", ":path,B", "a,Content-Length"],
  ];
  for (const names of lists) {
    assert.deepEqual(
      decode("a", "1", "b", "2", "sallyport-names", names),
      ["a", "1", "b", "2"],
      names,
    );
  }
});

Deno.test("fields pass the wire unchanged", () => {
  fc.assert(fc.property(anyFields, (fields) => {
    assert.deepEqual(decode(...encode(...fields.flat)), fields.flat);
  }));
});

Deno.test("names that nobody uses twice do not fill the memory", async () => {
  const source = new URL("../../src/", import.meta.url).href;
  const code = `
    import { Fields } from "${source}http/fields.ts";
    import { appendFields, readFields } from "${source}tunnel/wire_fields.ts";
    const used = () => (gc(), Deno.memoryUsage().heapUsed);
    const before = used();
    for (let n = 0; n < 500; n++) {
      const flat = [];
      for (let at = 0; at < 200; at++) flat.push(\`N\${n}-\${at}-\`.padEnd(200), "");
      const list = [];
      appendFields(list, new Fields(flat));
      readFields(list);
    }
    console.log(used() - before);`;
  const { stdout, stderr } = await run(Deno.execPath(), [
    ...["eval", "--no-check", "--v8-flags=--expose-gc", code],
  ]);

  assert.match(stdout, /^-?\d+\n$/, stderr);
  // 500 lists of 40,000 characters each would be 20 MB and more.
  assert.ok(Number(stdout) < 5_000_000, `${stdout} bytes`);
});
