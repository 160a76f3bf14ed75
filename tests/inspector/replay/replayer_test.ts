/** Replays: which run, how many at once, and how they end. */
import assert from "node:assert/strict";
import type { ExchangeContext } from "../../../src/http/exchange.ts";
import { Replayer } from "../../../src/inspector/replay/replayer.ts";
import { requestOf, responseOf } from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

/** A replayer whose site responds when a test says so. */
async function setUp() {
  const seen: ExchangeContext[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const recorded = new Recorded(async (_request, context) => {
    if (context.id.startsWith("replay")) {
      seen.push(context);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      context.signal.addEventListener(
        "abort",
        () => gate.reject(context.signal.reason),
      );
      await gate.promise;
    }
    return responseOf("a");
  });
  const request = requestOf("http://a.test/");
  const original = await recorded.exchange(request);
  const replayer = new Replayer(recorded.recorder);
  const start = () => replayer.start(request, original);
  return { replayer, recorded, start, seen, gates };
}

Deno.test("a replay has a number, and is recorded as one", async () => {
  const { replayer, recorded, start, gates } = await setUp();
  assert.equal(start(), "replay-1");
  assert.equal(start(), "replay-2");

  const record = recorded.store.find("replay-2");
  assert.equal(record?.replayOf, "1");
  assert.equal(record?.end, undefined);
  for (const { resolve } of gates) resolve();
  while (record?.end === undefined) await undefined;

  assert.equal(record.end, "whole");
  assert.equal(record.response?.status, 200);
  await replayer[Symbol.asyncDispose]();
});

Deno.test("16 replays run at once, and another when one has ended", async () => {
  const { replayer, recorded, start, gates } = await setUp();
  for (let count = 0; count < 16; count++) start();
  assert.throws(start, {
    status: 503,
    message: /too many replays are running/,
  });

  gates[3]?.resolve();
  const record = recorded.store.find("replay-4");
  while (record?.end === undefined) await undefined;
  for (let turn = 0; turn < 20; turn++) await undefined;

  assert.equal(start(), "replay-17");
  await replayer[Symbol.asyncDispose]();
});

Deno.test("replays end with the replayer, and none starts afterwards", async () => {
  const { replayer, recorded, start, seen } = await setUp();
  start();
  assert.equal(seen[0]?.signal.aborted, false);

  await replayer[Symbol.asyncDispose]();

  assert.equal(seen[0]?.signal.aborted, true);
  assert.notEqual(recorded.store.find("replay-1")?.end, undefined);
  assert.throws(start, { status: 503 });
});
