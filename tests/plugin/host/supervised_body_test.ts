/** Content of a plugin flows under supervision, and holds the plugin meanwhile. */
import assert from "node:assert/strict";
import type { BodyPlan } from "../../../src/plugin/results/outcomes.ts";
import { superviseBody } from "../../../src/plugin/host/supervised_body.ts";

type Supervised = Parameters<typeof superviseBody>[1];

function setUp() {
  const seen: Record<string, unknown>[] = [];
  let held = 0;
  const plugin = {
    hold() {
      held++;
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) held--;
          isHeld = false;
        },
      };
    },
    run(options: Record<string, unknown>, action: () => unknown) {
      seen.push(options);
      return Promise.resolve().then(action);
    },
  } as unknown as Supervised;
  return { plugin, seen, held: () => held };
}

const OPTIONS = { hook: "response", signal: new AbortController().signal };

function stream(
  chunks: readonly (string | Error | undefined)[],
  isDerived = false,
) {
  const left = [...chunks];
  let cancelled = 0;
  const plan: BodyPlan = {
    kind: "stream",
    isDerived,
    source: {
      pull() {
        const next = left.shift();
        if (next instanceof Error) throw next;
        return next === undefined ? undefined : new TextEncoder().encode(next);
      },
      cancel: () => void cancelled++,
    },
  };
  return { plan, cancelled: () => cancelled };
}

function supervised(
  plan: BodyPlan,
  plugin: Supervised,
  options: object = OPTIONS,
) {
  const result = superviseBody(plan, plugin, options as never);
  assert.ok(result?.kind === "stream");
  return result;
}

Deno.test("content that is there needs no supervision", () => {
  const { plugin, held } = setUp();
  const bytes: BodyPlan = { kind: "bytes", bytes: new Uint8Array(1) };
  assert.equal(superviseBody(bytes, plugin, OPTIONS as never), bytes);
  assert.equal(superviseBody(undefined, plugin, OPTIONS as never), undefined);
  assert.equal(held(), 0);
});

Deno.test("a plugin is in use until its content ends", async () => {
  const { plugin, held } = setUp();
  const { source, isDerived } = supervised(stream(["a", "b"]).plan, plugin);
  assert.equal(isDerived, false);
  assert.equal(held(), 1);
  assert.deepEqual(await source.pull(), new TextEncoder().encode("a"));
  assert.deepEqual(await source.pull(), new TextEncoder().encode("b"));
  assert.equal(held(), 1);
  assert.equal(await source.pull(), undefined);
  assert.equal(held(), 0);
});

Deno.test("a plugin is free when its content is not wanted, or fails", async () => {
  const { plugin, held } = setUp();
  const unwanted = stream(["a"]);
  await supervised(unwanted.plan, plugin).source.cancel();
  assert.equal(unwanted.cancelled(), 1);
  assert.equal(held(), 0);

  const failure = new Error("defect");
  const broken = supervised(stream([failure]).plan, plugin);
  await assert.rejects(async () => await broken.source.pull(), failure);
  assert.equal(held(), 0);
});

Deno.test("a failure of the content that it reads is the reason", async () => {
  const { plugin } = setUp();
  const thrown = new Error("the site is gone");
  const options = { ...OPTIONS, progress: { failure: { thrown } } };
  const { source } = supervised(stream([new Error("b")]).plan, plugin, options);
  await assert.rejects(async () => await source.pull(), thrown);
});

Deno.test("changed content has the plugin's time, content that it makes has no limit", async () => {
  const { plugin, seen } = setUp();
  await supervised(stream(["a"], true).plan, plugin).source.pull();
  await supervised(stream(["a"], false).plan, plugin).source.pull();
  assert.deepEqual(seen, [
    { ...OPTIONS, isBodyStep: true },
    { ...OPTIONS, isBodyStep: true, hasNoTimeLimit: true },
  ]);
});
