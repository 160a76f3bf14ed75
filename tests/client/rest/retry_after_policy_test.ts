/** @module */
import assert from "node:assert/strict";
import {
  RetryAfterPolicy,
  START_RETRY_LIMIT,
} from "../../../src/client/rest/retry_after_policy.ts";
import { RestError } from "../../../src/client/rest/rest_error.ts";
import { DialError, type DialErrorCode } from "../../../src/net/dial_error.ts";
import { recordLog } from "../../testing/event_log.ts";

const { signal } = new AbortController();

/** A server with one response after the other, and the waits between. */
class World {
  now = 1_000_000;
  readonly waits: number[] = [];
  readonly #answers: (Error | string)[];
  readonly policy: RetryAfterPolicy;

  constructor(answers: readonly (Error | string)[], limit: number) {
    this.#answers = [...answers];
    this.policy = new RetryAfterPolicy(limit, {
      now: () => this.now,
      random: () => 0,
      sleep: (ms) => {
        this.now += ms;
        this.waits.push(ms);
        return Promise.resolve();
      },
    });
  }

  ask(): Promise<string> {
    return this.policy.run(() => {
      const answer = this.#answers.shift() ?? assert.fail("Asked once more");
      return typeof answer === "string"
        ? Promise.resolve(answer)
        : Promise.reject(answer);
    }, signal);
  }
}

const busy = (seconds: number) =>
  new RestError(429, "Too many", { retryAfter: seconds });
const stopping = new RestError(503, "Stopping", { retryAfter: 5 });
const refused = new DialError("refused", "Cannot connect");

Deno.test("RetryAfterPolicy calls again when the server wants it, and not before", async () => {
  const world = new World([busy(2), stopping, "done"], 60_000);

  assert.equal(await world.ask(), "done");
  assert.deepEqual(world.waits, [2_000, 5_000]);
});

Deno.test("RetryAfterPolicy spreads clients with the same time to wait", async () => {
  const waits = await Promise.all([0, 0.5].map(async (chance) => {
    const waited: number[] = [];
    const policy = new RetryAfterPolicy(60_000, {
      random: () => chance,
      sleep: (ms) => Promise.resolve(void waited.push(ms)),
    });
    const answers = [() => Promise.reject(busy(2)), () => Promise.resolve()];
    await policy.run(() => (answers.shift() ?? assert.fail())(), signal);
    return waited[0];
  }));

  assert.deepEqual(waits, [2_000, 2_500]);
});

Deno.test("RetryAfterPolicy waits for a server that said it was stopping to be there again", async () => {
  const world = new World(
    [stopping, refused, refused, refused, refused, "done"],
    60_000,
  );

  assert.equal(await world.ask(), "done");
  assert.deepEqual(world.waits, [5_000, 1_000, 2_000, 4_000, 4_000]);
});

Deno.test("RetryAfterPolicy says for what it waits, and how long", async () => {
  await using log = await recordLog();
  const world = new World([busy(2), stopping, refused, "done"], 60_000);

  await world.ask();

  assert.deepEqual(
    log.all.map(({ level, message, fields }) => [
      level,
      message,
      fields["reason"],
      fields["wait"],
    ]),
    [
      ["warn", "server asked us to retry later", "Too many", "2s"],
      ["warn", "server asked us to retry later", "Stopping", "5s"],
      ["warn", "server is not back yet", "Cannot connect", "1s"],
    ],
  );
});

Deno.test("a start is retried for two minutes", async () => {
  const patient = new World([busy(119), "done"], START_RETRY_LIMIT);
  assert.equal(await patient.ask(), "done");
  const exact = new World([busy(120), "done"], START_RETRY_LIMIT);
  assert.equal(await exact.ask(), "done");

  const late = new World([busy(121)], START_RETRY_LIMIT);
  await assert.rejects(late.ask(), { status: 429 });
});

/** Whether a server that stopped may come back after each failure to connect to it. */
const COMES_BACK: Readonly<Record<DialErrorCode, boolean>> = {
  nameNotFound: false,
  nameServerFailed: false,
  refused: true,
  unreachable: true,
  timedOut: true,
  certificate: false,
  notTls: false,
  tls: true,
  aborted: false,
  protocol: false,
  credentials: false,
  failed: true,
};

for (const [code, comesBack] of Object.entries(COMES_BACK)) {
  const verb = comesBack ? "waits for" : "gives up";
  Deno.test(`RetryAfterPolicy ${verb} a stopping server after "${code}"`, async () => {
    const failure = new DialError(code as DialErrorCode, "Cannot connect");
    const world = new World([stopping, failure, "done"], 60_000);
    const first = new World([failure, failure], 60_000);

    if (comesBack) assert.equal(await world.ask(), "done");
    else await assert.rejects(world.ask(), failure);
    assert.deepEqual(world.waits, comesBack ? [5_000, 1_000] : [5_000]);
    // A server that did not say that it stops is not waited for.
    await assert.rejects(first.ask(), failure);
    await assert.rejects(first.ask(), failure);
    assert.deepEqual(first.waits, []);
  });
}

for (
  const [what, error] of [
    ["a server that is not there", refused],
    ["503 without a time", new RestError(503, "Nothing came back")],
    ["a refusal", new RestError(400, "Too many tunnels")],
  ] as const
) {
  Deno.test(`RetryAfterPolicy has none with ${what}`, async () => {
    const world = new World([error], 60_000);

    await assert.rejects(world.ask(), error);
    assert.deepEqual(world.waits, []);
  });
}

Deno.test("RetryAfterPolicy has none with a certificate that is wrong, whatever was before", async () => {
  const wrong = new DialError("certificate", "Cannot connect");
  const world = new World([stopping, wrong], 60_000);

  await assert.rejects(world.ask(), wrong);
});

Deno.test("RetryAfterPolicy ends after its time, all calls together, with what the server said last", async () => {
  const world = new World(
    [busy(20), "first", busy(20), busy(21)],
    60_000,
  );
  assert.equal(await world.ask(), "first");

  await assert.rejects(world.ask(), { message: "Too many", status: 429 });
  assert.deepEqual(world.waits, [20_000, 20_000]);
});

Deno.test("RetryAfterPolicy ends at once when the wait is longer than it may take", async () => {
  const world = new World([busy(3_600)], 60_000);

  await assert.rejects(world.ask(), { status: 429 });
  assert.deepEqual(world.waits, []);
});

Deno.test("RetryAfterPolicy ends when the start is given up", async () => {
  const policy = new RetryAfterPolicy(60_000);
  const giveUp = new AbortController();
  const asked = policy.run(() => Promise.reject(busy(30)), giveUp.signal);

  giveUp.abort(new Error("given up"));

  await assert.rejects(asked, /given up/);
});
