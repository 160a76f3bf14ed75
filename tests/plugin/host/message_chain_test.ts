/** Messages of a WebSocket on their way through several plugins. */
import assert from "node:assert/strict";
import {
  PluginError,
  type PluginErrorCode,
} from "../../../src/plugin/api/errors.ts";
import { editMessages } from "../../../src/plugin/host/message_chain.ts";
import type { BatchOutcome } from "../../../src/plugin/results/message_outcomes.ts";
import { WebSocketError } from "../../../src/websocket/errors.ts";
import type { WebSocketMessage } from "../../../src/websocket/messages/message.ts";

type Socket = Parameters<typeof editMessages>[0];
type Outcome = Partial<BatchOutcome> & { readonly thrown?: unknown };

function failure(code: PluginErrorCode = "threw"): PluginError {
  return new PluginError(code, "it failed", { plugin: "p" });
}

/** Plugins that decide so, one decision for each call, and what happened. */
function chain(
  plugins: readonly {
    readonly decide: (messages: readonly unknown[]) => Outcome;
    readonly skips?: boolean;
  }[],
) {
  const seen: string[] = [];
  const sent: string[] = [];
  const stopped: unknown[] = [];
  const steps = plugins.map(({ decide, skips = false }, at) => ({
    exchange: {},
    request: { url: `u${at}` },
    plugin: {
      name: `p${at}`,
      skips: () => skips,
      editsOf: () => ({
        stopped: (...facts: unknown[]) => void stopped.push(facts),
      }),
      run: (options: { hook: string }, action: (...a: unknown[]) => unknown) =>
        action({
          messages(batch: {
            messages: readonly unknown[];
            from: string;
            request: { url: string };
          }) {
            seen.push(
              `p${at} ${options.hook} ${batch.from} ${batch.request.url} ` +
                batch.messages.join(),
            );
            const { thrown, ...outcome } = decide(batch.messages);
            if (thrown !== undefined) throw thrown;
            return {
              ...{ outcomes: [], failure: undefined, isAborted: false },
              ...outcome,
            };
          },
        }, {}),
    },
  }));
  const edit = editMessages({ steps, subject: { id: "7" } } as never as Socket);
  assert.ok(edit);
  const pass = (texts: readonly string[], from: "browser" | "site") =>
    edit(
      texts.map((data): WebSocketMessage => ({
        ...{ kind: "message", data, isCompressed: data.startsWith("c") },
      })),
      from,
      {
        signal: new AbortController().signal,
        send(to, messages) {
          for (const { data, isCompressed } of messages) {
            sent.push(`${to} ${data}${isCompressed ? " compressed" : ""}`);
          }
          return Promise.resolve();
        },
      },
    );
  return { seen, sent, stopped, pass };
}

/** Keeps all. */
const keep = (messages: readonly unknown[]): Outcome => ({
  outcomes: messages.map(() => ({ kind: "keep" })),
});

Deno.test("without plugins messages arrive at the other end", async () => {
  const { sent, pass } = chain([]);
  await pass(["a", "cb"], "browser");
  await pass(["c"], "site");
  assert.deepEqual(sent, [
    "site a",
    "site cb compressed",
    "browser c compressed",
  ]);
});

Deno.test("each plugin sees what those before it have left", async () => {
  const { seen, sent, pass } = chain([
    {
      decide: () => ({
        outcomes: [
          { kind: "keep" },
          { kind: "drop" },
          { kind: "change", data: "C" },
        ],
      }),
    },
    { decide: keep },
  ]);
  await pass(["a", "b", "c"], "browser");
  assert.deepEqual(seen, [
    "p0 message browser u0 a,b,c",
    "p1 message browser u1 a,C",
  ]);
  // The changed one was compressed, and still is.
  assert.deepEqual(sent, ["site a", "site C compressed"]);
});

Deno.test("nothing is passed on when nothing is left", async () => {
  const { seen, sent, pass } = chain([
    { decide: () => ({ outcomes: [{ kind: "drop" }] }) },
    { decide: keep },
  ]);
  await pass(["a"], "site");
  await pass([], "site");
  assert.deepEqual(seen, ["p0 message site u0 a"]);
  assert.deepEqual(sent, []);
});

Deno.test("what a plugin sends leaves between the messages, past the other plugins", async () => {
  const { seen, sent, pass } = chain([
    {
      decide: () => ({
        outcomes: [
          { kind: "keep" },
          {
            kind: "keep",
            sent: [
              { to: "browser", data: "reply" },
              { to: "site", data: "more" },
            ],
          },
        ],
      }),
    },
    { decide: keep },
  ]);
  await pass(["a", "b"], "browser");
  assert.deepEqual(sent, ["site a", "browser reply", "site more", "site b"]);
  assert.deepEqual(seen.slice(1), [
    "p1 message browser u1 a",
    "p1 message browser u1 b",
  ]);
});

Deno.test("a failure closes the WebSocket, after what was done before it", async () => {
  const cause = failure();
  const { sent, pass } = chain([{
    decide: () => ({ outcomes: [{ kind: "keep" }], failure: cause }),
  }]);
  await assert.rejects(pass(["a", "b", "d"], "browser"), (error) => {
    assert.ok(error instanceof WebSocketError);
    assert.equal(error.code, 1011);
    assert.equal(error.message, 'Plugin "p0" failed');
    assert.equal(error.cause, cause);
    return true;
  });
  assert.deepEqual(sent, ["site a"]);
});

Deno.test("a plugin that may be skipped misses one message, and gets the rest", async () => {
  let calls = 0;
  const { seen, sent, pass } = chain([
    {
      skips: true,
      decide: (messages) =>
        calls++ === 0
          ? { outcomes: [{ kind: "keep" }], failure: failure() }
          : keep(messages),
    },
    { decide: keep },
  ]);
  await pass(["a", "b", "d"], "browser");
  assert.deepEqual(sent, ["site a", "site b", "site d"]);
  assert.deepEqual(seen.filter((each) => each.startsWith("p0")), [
    "p0 message browser u0 a,b,d",
    "p0 message browser u0 d",
  ]);
});

/** Failure, and whether something was done before → the messages of the next call. */
const SKIPPED = [
  ["timedOut", 0, []],
  ["stopped", 0, []],
  ["threw", 0, ["b,d"]],
  ["timedOut", 1, ["d"]],
] as const;

for (const [code, done, next] of SKIPPED) {
  Deno.test(`"${code}" after ${done} messages skips all but ${next}`, async () => {
    let calls = 0;
    const { seen, sent, pass } = chain([{
      skips: true,
      decide: (messages) =>
        calls++ === 0
          ? {
            outcomes: Array.from({ length: done }, () => ({ kind: "keep" })),
            failure: failure(code),
          }
          : keep(messages),
    }]);
    await pass(["a", "b", "d"], "browser");
    assert.deepEqual(sent, ["site a", "site b", "site d"]);
    assert.deepEqual(
      seen.slice(1),
      next.map((each) => `p0 message browser u0 ${each}`),
    );
  });
}

Deno.test("a call that throws a PluginError has failed", async () => {
  const cause = failure("stopped");
  const { pass } = chain([{ decide: () => ({ thrown: cause }) }]);
  await assert.rejects(pass(["a"], "browser"), (error) => {
    assert.ok(error instanceof WebSocketError);
    assert.equal(error.cause, cause);
    return true;
  });
});

Deno.test("any other error is a defect, and is thrown as it is", async () => {
  const defect = new RangeError("defect");
  const { pass } = chain([{ skips: true, decide: () => ({ thrown: defect }) }]);
  await assert.rejects(pass(["a"], "browser"), defect);
});

Deno.test("a plugin that aborts cuts both connections, and is named", async () => {
  const { sent, stopped, pass } = chain([{
    decide: () => ({ outcomes: [{ kind: "keep" }], isAborted: true }),
  }]);
  await assert.rejects(pass(["a", "b"], "browser"), (error) => {
    assert.ok(error instanceof Error);
    assert.ok(!(error instanceof WebSocketError));
    assert.equal(error.message, 'Plugin "p0" aborts the WebSocket');
    return true;
  });
  assert.deepEqual(sent, ["site a"]);
  assert.deepEqual(stopped, [["p0", "message", "it aborts the WebSocket"]]);
});
