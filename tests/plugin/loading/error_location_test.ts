/** @module */
import assert from "node:assert/strict";
import {
  errorReportOf,
  formatErrorReport,
} from "../../../src/plugin/loading/error_location.ts";

const ORIGIN = { url: "file:///lab/ask.ts?v=1", rule: "ask" };

function messageOf(thrown: unknown): string {
  return errorReportOf(thrown, ORIGIN).message;
}

Deno.test("the message of an error says its causes, each once", () => {
  const dial = new Error("connection refused\n    at somewhere");
  const sending = new Error("error sending request", { cause: dial });
  const repeated = new TypeError("Cannot fetch: connection refused", {
    cause: dial,
  });

  assert.equal(
    messageOf(new TypeError("fetch failed", { cause: sending })),
    "fetch failed: error sending request: connection refused",
  );
  assert.equal(messageOf(repeated), "Cannot fetch: connection refused");
  assert.equal(messageOf(new Error("no", { cause: "a string" })), "no");
  assert.equal(messageOf("thrown as it is"), "thrown as it is");
});

Deno.test("an error that is its own cause has an end", () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  first.cause = second;

  assert.equal(messageOf(first), "first: second");
});

/** An error whose stack has these lines. */
function thrownAt(message: string, ...lines: readonly string[]): Error {
  const error = new TypeError(message);
  error.stack = [`TypeError: ${message}`, ...lines].join("\n");
  return error;
}

const locationOf = (thrown: unknown) => errorReportOf(thrown, ORIGIN).location;
const OWN = new URL("../../../src/plugin/x.ts", import.meta.url).href;

Deno.test("the location of an error is the first line of its stack in the plugin's folder", () => {
  assert.equal(
    locationOf(thrownAt(
      "no",
      "    at f (file:///other/x.ts:1:2)",
      "    at native",
      "    at g (file:///lab/help.ts?v=3:4:5)",
      "    at h (file:///lab/ask.ts:6:7)",
    )),
    "help.ts:4:5",
  );
  assert.equal(
    locationOf(thrownAt("no", "    at file:///lab/deep/a.ts:1:2")),
    "a.ts:1:2",
  );
  assert.equal(
    locationOf(thrownAt("no", "    at f (file:///laboratory/x.ts:1:2)")),
    undefined,
  );
  assert.equal(locationOf(thrownAt("no")), undefined);
  assert.equal(locationOf("file:///lab/ask.ts:1:2"), undefined);
});

Deno.test("the location of an error has brackets in it, as in Program Files (x86)", () => {
  const url = "file:///C:/Program%20Files%20(x86)/lab/ask(1).ts";
  const at = (line: string) =>
    errorReportOf(thrownAt("no", line), { url, rule: "ask" }).location;
  assert.equal(at(`    at h (${url}:6:7)`), "ask(1).ts:6:7");
  assert.equal(at(`    at ${url}?v=2:6:7`), "ask(1).ts:6:7");
});

Deno.test("the location in a message comes before those of the stack", () => {
  const thrown = thrownAt(
    "unexpected token at file:///lab/ask.ts:3:39",
    "    at f (file:///lab/help.ts:1:2)",
  );
  assert.equal(locationOf(thrown), "ask.ts:3:39");
  assert.equal(messageOf(thrown), "unexpected token");
});

Deno.test("the program's own code gives no location, also in the plugin's folder", () => {
  const thrown = thrownAt("no", `    at f (${OWN}:1:2)`);
  const url = new URL("../../../ask.ts", import.meta.url).href;
  assert.equal(errorReportOf(thrown, { url, rule: "ask" }).location, undefined);
});

Deno.test("modules in memory have the names of their files", () => {
  const blob = "blob:null/01ab-cd";
  const thrown = thrownAt(`${blob}: no`, `    at f (${blob}:1:2)`);
  const files = { [blob]: "file:///lab/pinned.ts" };
  assert.deepEqual(errorReportOf(thrown, { ...ORIGIN, files }), {
    message: "pinned.ts: no",
    location: "pinned.ts:1:2",
  });
  assert.equal(locationOf(thrown), undefined);
});

/** Text that was thrown → what is said. */
for (
  const [text, said] of [
    ["", "no reason given"],
    ["  \n no", "no reason given"],
    [" no. ", "no"],
    ["first\nsecond", "first"],
    ["\x1b[31mred\x1b[0m", "red"],
    ["cannot load file:///lab/a.ts?v=7", "cannot load a.ts"],
    ["x".repeat(1_001), "x".repeat(1_000)],
  ] as const
) {
  Deno.test(`${JSON.stringify(text.slice(0, 40))} becomes "${said.slice(0, 20)}"`, () => {
    assert.equal(messageOf(text), said);
    if (text !== "") assert.equal(messageOf(new Error(text)), said);
  });
}

Deno.test("a report has its location in brackets, where there is one", () => {
  const message = "no";
  assert.equal(formatErrorReport({ message, location: undefined }), "no");
  assert.equal(
    formatErrorReport({ message, location: "a.ts:1:2" }),
    "no (a.ts:1:2)",
  );
});
