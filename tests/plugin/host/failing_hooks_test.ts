import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import {
  FailingHooks,
  SHOWN_FOR,
} from "../../../src/plugin/host/failing_hooks.ts";

Deno.test("a failure is shown while its hook fails, and for a minute after", () => {
  let now = 1_000;
  const hooks = new FailingHooks(() => now);
  const fail = (reason: string) =>
    hooks.fail(
      "request",
      "request",
      new PluginError("threw", reason, { plugin: "a", location: "a.js:1:2" }),
    );

  fail("first");
  now = 9_000_000;
  fail("second");
  assert.deepEqual(hooks.latest, {
    hook: "request",
    reason: "second",
    location: "a.js:1:2",
    since: 1_000,
    at: 9_000_000,
    count: 2,
  });

  hooks.succeed("request");
  assert.equal(hooks.isFailing, false);
  now += SHOWN_FOR - 1;
  assert.equal(hooks.latest?.count, 2);
  now += 1;
  const after = hooks.latest;
  fail("third");

  assert.equal(after, undefined);
  assert.equal(hooks.latest?.count, 1);
});

Deno.test("the latest failure of several hooks is shown", () => {
  let now = 0;
  const hooks = new FailingHooks(() => now += 1);

  hooks.fail("request", "request", "no");
  hooks.fail("response", "response", "neither");
  hooks.succeed("response");

  assert.equal(hooks.isFailing, true);
  assert.equal(hooks.latest?.reason, "neither");
});

Deno.test("of two failures at the same time the later one is shown", () => {
  const hooks = new FailingHooks(() => 5);
  hooks.fail("request", "request", new Error("first"));
  hooks.fail("response", "response", new Error("second"));
  assert.equal(hooks.latest?.reason, "second");
  assert.equal(hooks.latest?.location, undefined);
});

Deno.test("a failure is shown for 60 seconds", () => {
  assert.equal(SHOWN_FOR, 60_000);
});
