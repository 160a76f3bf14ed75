import assert from "node:assert/strict";
import {
  Liveness,
  type LivenessOptions,
} from "../../../src/http2/connection/liveness.ts";
import { ManualClock } from "../../server/manual_clock.ts";

/** A connection whose peer does what the test says. */
class Wire implements Disposable {
  readonly clock = new ManualClock();
  readonly liveness: Liveness;
  received = 0;
  sent = 0;
  queued = 0;
  roundTrip: number | undefined;
  patience = 0;
  isAwaiting = false;
  pings = 0;
  silent = 0;
  #isDead = false;
  #lastLook = () => {};

  constructor(options: Partial<LivenessOptions> = {}) {
    this.liveness = new Liveness({
      clock: this.clock,
      interval: 5_000,
      phase: 1,
      timeout: 5_000,
      overdue: 2_000,
      bytesReceived: () => this.received,
      bytesSent: () => this.sent,
      queuedBytes: () => this.queued,
      roundTrip: () => this.roundTrip,
      patience: () => this.patience,
      awaitsResponse: () => this.isAwaiting,
      ping: () => this.pings++,
      onSilent: () => this.silent++,
      onDead: () => this.#isDead = true,
      lastLook: (action) => {
        this.#lastLook = action;
        return { [Symbol.dispose]: () => this.#lastLook = () => {} };
      },
      ...options,
    });
  }

  /** Lets time pass in small steps. */
  pass(ms: number, each: () => void = () => {}): void {
    for (let at = 0; at < ms; at += 100) {
      this.clock.advance(100);
      each();
    }
  }

  /** Whether the peer is given up, once everything that came was read. */
  get isGivenUp(): boolean {
    this.#lastLook();
    return this.#isDead;
  }

  [Symbol.dispose](): void {
    this.liveness[Symbol.dispose]();
    assert.equal(this.clock.pending, 0, "no timer is left");
  }
}

Deno.test("a silent peer gets a ping after the interval, and is given up after the timeout", () => {
  using wire = new Wire();

  wire.pass(4_900);
  assert.equal(wire.pings, 0);
  wire.pass(100);
  assert.equal(wire.pings, 1);
  wire.pass(4_900);
  assert.equal(wire.isGivenUp, false);
  wire.pass(100);
  assert.equal(wire.isGivenUp, true);
});

Deno.test("the first PING may come earlier, so that connections take turns", () => {
  using wire = new Wire({ phase: 0.2 });

  wire.pass(1_000, () => wire.received += 1);
  assert.equal(wire.pings, 1);
  wire.pass(4_900, () => wire.received += 1);
  assert.equal(wire.pings, 1);
  wire.pass(100);
  assert.equal(wire.pings, 2);
});

Deno.test("any byte after the PING is a sign of life", () => {
  using wire = new Wire();
  wire.pass(5_000);
  assert.equal(wire.liveness.owesReply, true);

  wire.pass(4_900);
  assert.equal(wire.liveness.silence, 4_900);
  wire.received += 1;

  assert.equal(wire.liveness.owesReply, false);
  assert.equal(wire.liveness.silence, 0);
  wire.pass(5_000);
  assert.equal(wire.isGivenUp, false);
});

Deno.test("a response that is 2 s overdue is reason for a PING, and the owner hears of the silence", () => {
  using wire = new Wire({ interval: 0 });
  wire.isAwaiting = true;
  wire.liveness.workSent();

  wire.pass(1_900);
  assert.equal(wire.pings, 0);
  wire.pass(100);
  assert.equal(wire.pings, 1);
  assert.equal(wire.silent, 0);
  wire.pass(2_000);
  assert.equal(wire.silent, 4);
});

Deno.test("a slow site costs a PING every 2 s, as long as the client replies", () => {
  using wire = new Wire({ interval: 0 });
  wire.isAwaiting = true;
  wire.liveness.workSent();

  wire.pass(20_000, () => wire.received = wire.pings);

  assert.ok(wire.pings >= 6 && wire.pings <= 10, `${wire.pings}`);
  assert.equal(wire.silent, 0);
});

Deno.test("content without a reply counts like a request: most requests are inside CONNECT", () => {
  using wire = new Wire({ interval: 0 });

  wire.liveness.workSent();
  wire.pass(2_000);

  assert.equal(wire.pings, 1);
});

Deno.test("nothing is looked for once all work has its reply", () => {
  using wire = new Wire({ interval: 0 });
  wire.liveness.workSent();

  wire.pass(3_000, () => wire.received += 1);

  assert.equal(wire.pings, 0);
  assert.equal(wire.clock.pending, 0);
});

Deno.test("bytes that came before the last ping do not count as its reply", () => {
  using wire = new Wire({ interval: 0 });
  wire.liveness.workSent();
  wire.pass(400);
  wire.received += 1;
  wire.liveness.workSent();

  wire.pass(2_600);

  assert.equal(wire.pings, 1);
});

Deno.test("a socket that was full and takes bytes is a sign of life", () => {
  using wire = new Wire();
  wire.queued = 100_000;

  for (let round = 0; round < 6; round++) {
    wire.pass(5_000, () => wire.sent += 640);
    assert.equal(wire.isGivenUp, false);
  }
  wire.pass(10_000);

  assert.equal(wire.isGivenUp, true);
});

Deno.test("a socket that takes bytes into its own buffer does not count as a reply", () => {
  using wire = new Wire();

  wire.pass(10_000, () => wire.sent += 640);

  assert.equal(wire.isGivenUp, true);
});

for (const sign of ["roundTrip", "patience"] as const) {
  Deno.test(`a PING may take twice as long as ${sign}, up to four timeouts`, () => {
    using wire = new Wire();
    wire[sign] = 8_000;
    wire.pass(5_000);

    wire.pass(15_900);
    assert.equal(wire.isGivenUp, false);
    wire[sign] = 1_000_000;
    wire.pass(4_000);
    assert.equal(wire.isGivenUp, false);
    wire.pass(100);
    assert.equal(wire.isGivenUp, true);
  });
}

Deno.test("a program that was stopped sends another ping before it gives the peer up", () => {
  using wire = new Wire();
  wire.pass(5_000);

  wire.clock.advance(60_000);
  assert.equal(wire.isGivenUp, false);
  assert.ok(wire.pings >= 2, `${wire.pings}`);
  wire.pass(5_000);

  assert.equal(wire.isGivenUp, true);
});

Deno.test("bytes that are read in the last moment save the peer", () => {
  using wire = new Wire();
  wire.pass(10_000);

  wire.received += 1;

  assert.equal(wire.isGivenUp, false);
});

Deno.test("check() sends a ping at once, but no second one while the peer owes a reply", () => {
  using wire = new Wire();

  wire.liveness.check();
  wire.liveness.check();
  assert.equal(wire.pings, 1);
  wire.received += 1;
  // However many others ask it to.
  wire.liveness.check();
  assert.equal(wire.pings, 1);
  wire.pass(500);
  wire.liveness.check();

  assert.equal(wire.pings, 2);
});

Deno.test("after the end nothing is sent and nobody is given up", () => {
  using wire = new Wire({ onSilent: () => wire.liveness[Symbol.dispose]() });
  wire.isAwaiting = true;
  wire.liveness.workSent();
  wire.pass(4_000);
  const { pings } = wire;

  wire.pass(60_000);

  assert.equal(wire.pings, pings);
  assert.equal(wire.isGivenUp, false);
});
