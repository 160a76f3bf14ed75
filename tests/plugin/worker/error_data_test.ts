/** Errors on their way between the program and a worker. */
import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import {
  type ErrorData,
  fromErrorData,
  toErrorData,
} from "../../../src/plugin/worker/error_data.ts";

const DATA: ErrorData = {
  code: "threw",
  message: 'Plugin "a" failed',
  plugin: "a",
  hook: "request",
  location: "a.ts:3:9",
  issues: [{ path: ["hosts", "0"], message: "expected a text" }],
};

Deno.test("a PluginError arrives as it was", () => {
  const { code, message, ...options } = DATA;
  const there = toErrorData(new PluginError(code, message, options), "other");
  assert.deepEqual(there, DATA);
  const error = fromErrorData(there);
  assert.ok(error instanceof PluginError);
  assert.deepEqual(
    [error.code, error.message, error.plugin, error.hook, error.location],
    ["threw", message, "a", "request", "a.ts:3:9"],
  );
  assert.deepEqual(error.issues, DATA.issues);
});

Deno.test("any other error is a failure of the plugin, in visible characters", () => {
  assert.deepEqual(toErrorData(new RangeError("a\nb"), "a"), {
    code: "threw",
    message: 'Cannot run plugin "a": RangeError: a\\u000ab',
    plugin: "a",
    hook: undefined,
    location: undefined,
  });
});

for (
  const code of ["notLoaded", "badOptions", "threw", "badResult", "noRoom"]
) {
  Deno.test(`a worker may report "${code}"`, () => {
    assert.equal(fromErrorData({ ...DATA, code: code as never }).code, code);
  });
}

for (
  const code of ["timedOut", "refused", "stopped", "noSandbox", "x", undefined]
) {
  Deno.test(`a worker may not report "${code}"`, () => {
    assert.equal(fromErrorData({ ...DATA, code: code as never }).code, "threw");
  });
}

Deno.test("a hook that does not exist is left out, the end of a plugin stays", () => {
  const hookOf = (hook: string) =>
    fromErrorData({ ...DATA, hook: hook as never }).hook;
  assert.equal(hookOf("dispose"), "dispose");
  for (const hook of ["connect", "resolve", "request", "response", "message"]) {
    assert.equal(hookOf(hook), hook);
  }
  assert.equal(hookOf("toString"), undefined);
});

Deno.test("what should be text is replaced, and long text is cut", () => {
  const wrong = { ...DATA, message: 7, plugin: {}, location: [] };
  const error = fromErrorData(wrong as never);
  assert.deepEqual(
    [error.message, error.plugin, error.location],
    ["Cannot run a plugin", "", undefined],
  );
  for (const [length, kept] of [[4096, 4096], [4097, 4096]] as const) {
    const message = "x".repeat(length);
    assert.equal(fromErrorData({ ...DATA, message }).message.length, kept);
  }
});
