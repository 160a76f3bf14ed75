import assert from "node:assert/strict";
import {
  PluginError,
  type PluginErrorCode,
} from "../../../src/plugin/api/errors.ts";
import type { SocketMessage } from "../../../src/plugin/api/socket_message.ts";
import type { BatchOutcome } from "../../../src/plugin/results/message_outcomes.ts";
import { runMessageHook } from "../../../src/plugin/running/message_hook.ts";
import { patternBytes } from "../../testing/pattern.ts";

const REQUEST = { method: "GET", url: "", headers: [], upgrade: "websocket" };

function failureOf(code: PluginErrorCode, cause: unknown): PluginError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PluginError(code, reason, { plugin: "own" });
}

async function run(
  messages: readonly (string | Uint8Array)[],
  hook: (message: SocketMessage) => unknown,
  slice = 60_000,
): Promise<BatchOutcome> {
  return await runMessageHook({ request: REQUEST, from: "site", messages }, {
    run: hook,
    isAborted: () => false,
    ...{ failureOf, slice },
  });
}

Deno.test("a text that stays is kept, another is changed, one is dropped", async () => {
  const { outcomes, failure } = await run(["a", "b", "c"], (message) => {
    if (message.data === "b") message.data = "B";
    if (message.data === "c") return "drop";
  });

  assert.equal(failure, undefined);
  assert.deepEqual(outcomes.map(({ kind, data }) => [kind, data]), [
    ["keep", undefined],
    ["change", "B"],
    ["drop", undefined],
  ]);
});

Deno.test("bytes may be changed in place; those of the program stay", async () => {
  const given = Uint8Array.of(1, 2, 3);

  const { outcomes: [outcome] } = await run([given], ({ data }) => {
    if (typeof data !== "string") data[1] = 9;
  });

  assert.deepEqual(outcome?.data, Uint8Array.of(1, 9, 3));
  assert.deepEqual(given, Uint8Array.of(1, 2, 3));
});

Deno.test("bytes that arrive are not those that the hook keeps", async () => {
  let kept = Uint8Array.of();

  const { outcomes: [outcome] } = await run(["a"], (message) => {
    message.data = kept = Uint8Array.of(1, 2);
  });
  kept[0] = 7;

  assert.deepEqual(outcome?.data, Uint8Array.of(1, 2));
});

const WRONG: Readonly<
  Record<string, readonly [(message: SocketMessage) => unknown, RegExp]>
> = {
  "a number as data": [
    (message) => Object.assign(message, { data: 5 }) && undefined,
    /the data of a message is a number/,
  ],
  "no data": [
    (message) => void Object.assign(message, { data: null }),
    /the data of a message is nothing/,
  ],
  "a result that is not known": [() => "keep", /something else than "drop"/],
  "too large a message": [
    (message) => void (message.data = "x".repeat(16 * 1024 * 1024 + 1)),
    /more than 16777216/,
  ],
};

for (const [what, [hook, reason]] of Object.entries(WRONG)) {
  Deno.test(`${what} is a failure, after what came before`, async () => {
    const { outcomes, failure } = await run(
      ["good", "bad", "never"],
      (message) => message.data === "bad" ? hook(message) : undefined,
    );

    assert.equal(outcomes.length, 1);
    assert.equal(failure?.code, "badResult");
    assert.match(failure.message, reason);
  });
}

Deno.test("a hook that throws, or sends nonsense, has thrown", async () => {
  const nobody = { to: "nobody" } as { readonly to: never };
  const hooks = [
    () => Promise.reject(new Error("no")),
    (message: SocketMessage) => message.send(nobody.to, "a"),
    (message: SocketMessage) => {
      for (;;) message.send("site", "flood");
    },
  ];

  for (const hook of hooks) {
    const { outcomes, failure } = await run(["a"], hook);
    assert.deepEqual([outcomes, failure?.code], [[], "threw"]);
  }
});

Deno.test("what a hook sends comes with its message, and not afterwards", async () => {
  let late: SocketMessage | undefined;

  const { outcomes } = await run(["a"], async (message) => {
    message.send("browser", "one");
    await Promise.resolve();
    message.send("site", Uint8Array.of(2));
    late = message;
  });

  assert.deepEqual(outcomes, [{
    kind: "keep",
    sent: [
      { to: "browser", data: "one" },
      { to: "site", data: Uint8Array.of(2) },
    ],
  }]);
  assert.throws(() => late?.send("site", "more"), /the hook has returned/);
});

Deno.test("a slow hook does not hold up what is done", async () => {
  const { outcomes } = await run(
    ["a", "b", "c"],
    () => new Promise((resolve) => setTimeout(resolve, 6)),
    5,
  );

  assert.equal(outcomes.length, 1);
});

Deno.test("large outcomes do not pile up", async () => {
  const large = patternBytes(600_000);

  const { outcomes } = await run([large, large, large, large], () => {});

  assert.equal(outcomes.length, 2);
});
