/* What a worker may send as an outcome. The plugin in it may have got hold of its end. */
import assert from "node:assert/strict";
import {
  checkedRequestOutcome,
  checkedResponseOutcome,
} from "../../../src/plugin/results/check_outcome.ts";
import type { ByteSource } from "../../../src/plugin/results/outcomes.ts";

const SOURCE: ByteSource = { pull: () => undefined, cancel() {} };

const take = (): ByteSource => SOURCE;

const CHANGE = {
  ...{ kind: "change", method: undefined, destination: undefined },
  ...{ status: undefined, headers: [], body: undefined },
};

const RESPOND = { kind: "respond", status: 200, headers: [], body: undefined };

Deno.test("outcomes that a plugin's own end sends are taken as they are", () => {
  const request = {
    kind: "change",
    method: "PUT",
    destination: { scheme: "https", authority: "a.test:1", path: "/x?y=%20" },
    headers: ["set", "A", "1"],
    body: { kind: "bytes", bytes: Uint8Array.of(1) },
  };
  const response = {
    ...{ kind: "respond", status: 418, headers: ["A", "1"] },
    body: { kind: "stream", channel: 7, isDerived: true },
  };

  assert.deepEqual(checkedRequestOutcome(request, take), request);
  assert.deepEqual(checkedResponseOutcome(response, take), {
    ...response,
    body: { kind: "stream", source: SOURCE, isDerived: true },
  });
  assert.deepEqual(checkedRequestOutcome({ kind: "abort", x: 1 }, take), {
    kind: "abort",
  });
  assert.equal(checkedRequestOutcome(undefined, take), undefined);
});

const sparse = Object.assign([], { length: 3 });
const shared = new Uint8Array(new SharedArrayBuffer(8));

/** What no outcome is. */
const FORGED: readonly (readonly [name: string, value: unknown])[] = [
  ["nothing", null],
  ["a text", "change"],
  ["a list", [CHANGE]],
  ["another kind", { kind: "constructor" }],
  ["a second field whose name is no name", {
    ...RESPOND,
    headers: ["A", "1", "B C", "2"],
  }],
  ["a second field of the connection", {
    ...RESPOND,
    headers: ["A", "1", "Transfer-Encoding", "chunked"],
  }],
  ["a second field whose value has a line end", {
    ...RESPOND,
    headers: ["A", "1", "B", "2\r\nC: 3"],
  }],
  ["a method with more than a method", {
    ...CHANGE,
    method: "GET / HTTP/1.1\r\nX: y\r\n\r\n",
  }],
  ["CONNECT", { ...CHANGE, method: "CONNECT" }],
  ["a target without a scheme", { ...CHANGE, destination: {} }],
  ["another scheme", {
    ...CHANGE,
    destination: { scheme: "file", authority: "a.test" },
  }],
  ["a host with spaces", {
    ...CHANGE,
    destination: { scheme: "http", authority: "a.test b" },
  }],
  ["a user in the host", {
    ...CHANGE,
    destination: { scheme: "http", authority: "u@a.test" },
  }],
  ["a path with a second line", {
    ...CHANGE,
    destination: {
      ...{ scheme: "http", authority: "a.test" },
      path: "/ HTTP/1.1\r\nX: y",
    },
  }],
  ["a path that is none", {
    ...CHANGE,
    destination: { scheme: "http", authority: "a.test", path: "x" },
  }],
  ["headers that are no list", { ...CHANGE, headers: { length: 3 } }],
  ["headers with holes", { ...CHANGE, headers: sparse }],
  ["headers that are numbers", { ...CHANGE, headers: [1, 2, 3] }],
  ["half a change of headers", { ...CHANGE, headers: ["set", "A"] }],
  ["headers without end", {
    ...CHANGE,
    headers: Array(3_003).fill("set"),
  }],
  ["content in shared memory", {
    ...CHANGE,
    body: { kind: "bytes", bytes: shared },
  }],
  ["content that is a text", { ...CHANGE, body: "text" }],
  ["content without a channel", {
    ...CHANGE,
    body: { kind: "stream", channel: {} },
  }],
  ["a response with a line break in a header", {
    ...RESPOND,
    headers: ["A", "b\r\nSet-Cookie: x"],
  }],
  ["a response with a header that is no name", {
    ...RESPOND,
    headers: ["A b", "c"],
  }],
  ["a response with a length of its own", {
    ...RESPOND,
    headers: ["Content-Length", "3"],
  }],
  ["a response with other framing", {
    ...RESPOND,
    headers: ["transfer-encoding", "chunked"],
  }],
  ["an interim response", { ...RESPOND, status: 101 }],
  ["a response with a status that is a text", { ...RESPOND, status: "200" }],
];

for (const [name, value] of FORGED) {
  Deno.test(`a worker cannot send ${name} as an outcome`, () => {
    for (const check of [checkedRequestOutcome, checkedResponseOutcome]) {
      if (name.includes("method") || name === "CONNECT") continue;
      if (/target|scheme|host|path/.test(name)) continue;
      assert.throws(() => check(value, take), TypeError);
    }
    assert.throws(() => checkedRequestOutcome(value, take), TypeError);
  });
}

Deno.test("a change of a response has the status that it says, or none", () => {
  for (const status of [200, 599, undefined]) {
    const outcome = checkedResponseOutcome({ ...CHANGE, status }, take);
    assert.deepEqual(outcome, {
      kind: "change",
      status,
      headers: [],
      body: undefined,
    });
  }
  assert.throws(
    () => checkedResponseOutcome({ ...CHANGE, status: "200" }, take),
    TypeError,
  );
});
