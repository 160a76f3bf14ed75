/** @module */
import assert from "node:assert/strict";
import { ConnectionManager } from "../../../src/client/sessions/connection_manager.ts";
import { TunnelError } from "../../../src/tunnel/errors.ts";
import { type Pair, startPair } from "../../http2/pairs.ts";
import { type EventLog, recordLog } from "../../testing/event_log.ts";
import { within } from "../../testing/deadline.ts";

const ADDRESS = { hostname: "tunnels.test", port: 8443 };

/** The pauses before each new attempt, in milliseconds. */
function pauses(log: EventLog): readonly number[] {
  return log.matching("connection lost", { backoff: /^\d+ms$/ })
    .map(({ fields }) => parseInt(String(fields["backoff"])));
}

Deno.test("pauses between sessions grow, until one has lived for a while", async () => {
  await using log = await recordLog();
  await using stack = new AsyncDisposableStack();
  let now = 0;
  let opened = Promise.withResolvers<Pair>();
  stack.use(
    new ConnectionManager({
      size: 1,
      address: ADDRESS,
      open: async () => {
        const pair = stack.use(await startPair(() => Promise.resolve()));
        opened.resolve(pair);
        return pair.client;
      },
      onChange() {},
      onRefused() {},
      now: () => now,
    }),
  );

  for (const life of [0, 0, 0, 11_000]) {
    const pair = await within(opened.promise, "a session");
    opened = Promise.withResolvers();
    now += life;
    await pair.server[Symbol.asyncDispose]();
  }
  await within(opened.promise, "the last session");

  const [first = 0, second = 0, third = 0, last = 0] = pauses(log);
  assert.ok(first <= 100, `${first}`);
  assert.ok(second > 100 && second <= 200, `${second}`);
  assert.ok(third > 200 && third <= 400, `${third}`);
  assert.ok(last <= 100, `${last}`);
});

Deno.test("a server that refuses is dialled once, and all who wait get the error", async () => {
  const refusal = new TunnelError("refused", "The tunnel has ended");
  const refusals: TunnelError[] = [];
  let attempts = 0;
  await using manager = new ConnectionManager({
    size: 4,
    address: ADDRESS,
    open() {
      attempts += 1;
      return Promise.reject(refusal);
    },
    onChange() {},
    onRefused: (cause) => refusals.push(cause),
  });

  await assert.rejects(
    within(manager.connected, "the refusal"),
    { message: "The tunnel has ended" },
  );
  await within(manager.done, "the end");

  assert.equal(attempts, 1);
  assert.deepEqual(refusals, [refusal]);
});
