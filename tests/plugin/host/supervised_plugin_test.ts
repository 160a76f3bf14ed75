import assert from "node:assert/strict";
import type { RunningPlugin } from "../../../src/plugin/running/running_plugin.ts";
import { SupervisedPlugin } from "../../../src/plugin/host/supervised_plugin.ts";

/** A plugin without hooks that writes down when it is disposed. */
function idlePlugin(seen: string[]): RunningPlugin {
  return {
    name: "a",
    hooks: new Set(),
    match: undefined,
    setup() {},
    connect: () => undefined,
    resolve: () => undefined,
    request: () => undefined,
    response: () => undefined,
    messages: () =>
      Promise.resolve({ outcomes: [], failure: undefined, isAborted: false }),
    tunnel() {},
    know() {},
    checkLiveness() {},
    kill() {},
    [Symbol.asyncDispose]() {
      seen.push("disposed");
      return Promise.resolve();
    },
  };
}

Deno.test("a plugin is disposed when the last one lets go, however often the others do", async () => {
  const seen: string[] = [];
  const plugin = new SupervisedPlugin(idlePlugin(seen));
  const content = plugin.hold();
  const exchange = plugin.hold();

  const ended = plugin.endWhenUnused();
  content[Symbol.dispose]();
  // Content that was read to its end may be cancelled after that.
  content[Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  seen.push("the last one lets go");
  exchange[Symbol.dispose]();
  await ended;

  assert.deepEqual(seen, ["the last one lets go", "disposed"]);
});
