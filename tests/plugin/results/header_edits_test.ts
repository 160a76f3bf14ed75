/** Changes to fields: each kind, and each refusal with its reason. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import {
  applyHeaderEdit,
  applyHeaderEdits,
  checkedFields,
  isOfConnection,
  MAX_HEADER_EDITS,
  mentions,
} from "../../../src/plugin/results/header_edits.ts";

function fieldsOf(...lines: readonly (readonly [string, string])[]): Fields {
  const fields = new Fields();
  for (const [name, value] of lines) fields.append(name, value);
  return fields;
}

Deno.test("applyHeaderEdits() makes all changes in order, on a copy", () => {
  const fields = fieldsOf(["A", "1"], ["B", "2"], ["C", "3"]);

  const changed = applyHeaderEdits(fields, [
    ...["set", "A", "9"],
    ...["append", "B", "4"],
    ...["delete", "C", ""],
  ]);

  assert.deepEqual([...changed].toSorted(), [["A", "9"], ["B", "2"], [
    "B",
    "4",
  ]]);
  assert.deepEqual([...fields], [["A", "1"], ["B", "2"], ["C", "3"]]);
  assert.equal(applyHeaderEdits(fields, []), fields);
});

Deno.test("clear leaves only the length of the content", () => {
  const fields = fieldsOf(
    ["A", "1"],
    ["Content-Length", "5"],
    ["a", "2"],
    ["B", "3"],
  );
  applyHeaderEdit(fields, { kind: "clear", name: "", value: "" });
  assert.deepEqual([...fields], [["Content-Length", "5"]]);
});

/** A change that is refused → why. */
const REFUSED = [
  ["odd", "A", "1", "its headers have an unknown change"],
  ["set", "a b", "1", '"a b" is not a valid header name'],
  ["append", "", "1", '"" is not a valid header name'],
  ["delete", "a:", "", '"a:" is not a valid header name'],
  [
    "set",
    "Connection",
    "x",
    '"Connection" cannot be changed, the proxy sets it',
  ],
  [
    "delete",
    "Content-Length",
    "",
    '"Content-Length" cannot be changed, the proxy sets it',
  ],
  [
    "append",
    "A",
    "1\r\nB: 2",
    'the value of "A" has a character that is not allowed in headers',
  ],
] as const;

for (const [kind, name, value, message] of REFUSED) {
  Deno.test(`${kind} of ${JSON.stringify(name)}: ${message}`, () => {
    const fields = fieldsOf(["A", "1"]);
    assert.throws(() => applyHeaderEdit(fields, { kind, name, value }), {
      name: "TypeError",
      message,
    });
    assert.deepEqual([...fields], [["A", "1"]]);
  });
}

Deno.test("mentions() looks at names, not at kinds and values", () => {
  const edits = ["set", "Host", "cookie", "delete", "Accept", ""];
  assert.equal(mentions(edits, "host"), true);
  assert.equal(mentions(edits, "accept"), true);
  assert.equal(mentions(edits, "cookie"), false);
  assert.equal(mentions(edits, "set"), false);
});

Deno.test("checkedFields() leaves out what belongs to the connection", () => {
  const flat = checkedFields([
    ["A", "1"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Length", "5"],
    ["B", ""],
  ]);
  assert.deepEqual(flat, ["A", "1", "B", ""]);
  const odd = [["A", 7]] as unknown as [string, string][];
  assert.throws(() => checkedFields(odd), /"A" is a number, use a string/);
  const unnamed = [[7, "A"]] as unknown as [string, string][];
  assert.throws(() => checkedFields(unnamed));
});

Deno.test("a message has 1,000 fields, and no more", () => {
  assert.equal(MAX_HEADER_EDITS, 1_000);
  const fields = Array.from(
    { length: 1_001 },
    (_, at) => [`a${at}`, "1"] as const,
  );
  assert.equal(checkedFields(fields.slice(1)).length, 2_000);
  assert.throws(() => checkedFields(fields), /more than 1000 headers/);
});

Deno.test("isOfConnection() is for framing and connection, in any case", () => {
  for (const name of ["CONTENT-LENGTH", "connection", "Upgrade"]) {
    assert.equal(isOfConnection(name), true, name);
  }
  assert.equal(isOfConnection("Content-Type"), false);
});
