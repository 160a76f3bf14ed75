import assert from "node:assert/strict";
import { logger } from "../../../src/log/log.ts";
import { AcmeError } from "../../../src/server/acme/acme_error.ts";
import type { StoredAttempts } from "../../../src/server/acme/acme_store.ts";
import {
  AcmeRenewal,
  type AcmeRenewalOptions,
} from "../../../src/server/acme/renewal.ts";
import type { KeyedCertificate } from "../../../src/server/tls/certificate_authority.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { ManualClock } from "../manual_clock.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A CA and a disk that a test looks into. */
class World implements AcmeRenewalOptions {
  readonly clock = new ManualClock();
  readonly domains = ["lab.test"];
  readonly log = logger("server");
  readonly random = () => 0;
  /** When each order began, in minutes. */
  readonly orders: number[] = [];
  certificate: KeyedCertificate | undefined;
  attempts: StoredAttempts | undefined;
  issued = 0;
  fail: AcmeError | undefined;
  readonly #start = this.clock.now();
  /** Keys are made by threads, so this takes more than some turns. */
  #issuing: Promise<unknown> | undefined;

  readonly store = {
    certificate: () => Promise.resolve(this.certificate),
    attempts: () => Promise.resolve(this.attempts),
    saveCertificate: (certificate: KeyedCertificate) => {
      this.certificate = certificate;
      return Promise.resolve();
    },
    saveAttempts: (attempts: StoredAttempts | undefined) => {
      this.attempts = attempts;
      return Promise.resolve();
    },
  };

  readonly order = async () => {
    this.orders.push((this.clock.now() - this.#start) / MINUTE);
    if (this.fail !== undefined) throw this.fail;
    const issuing = this.issue(90);
    this.#issuing = issuing;
    return await issuing;
  };

  readonly onIssued = () => {
    this.issued += 1;
    return Promise.resolve();
  };

  async issue(days: number): Promise<KeyedCertificate> {
    const now = this.clock.now();
    const authority = await createTestAuthority({
      notAfter: new Date(now + 400 * DAY),
    });
    const { cert, key } = await authority.issue(this.domains, {
      notBefore: new Date(now),
      notAfter: new Date(now + days * DAY),
    });
    return { certPem: cert, keyPem: key };
  }

  /** Turns the clock forward in small steps. */
  async pass(ms: number, step: number = MINUTE): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await settled();
      if (this.#issuing === undefined) continue;
      await this.#issuing;
      this.#issuing = undefined;
      await settled();
    }
  }
}

/** Lets what waits for nothing but other promises come to its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

Deno.test("AcmeRenewal orders at once without a certificate, and again when a third of its life is left", async () => {
  const world = new World();
  await using renewal = new AcmeRenewal(world);
  await settled();
  await world.pass(MINUTE);
  assert.deepEqual(world.orders.length, 1);
  assert.equal(world.issued, 1);

  await world.pass(59 * DAY, DAY);
  assert.equal(world.orders.length, 1);
  await world.pass(2 * DAY, DAY);

  assert.equal(world.orders.length, 2);
  assert.deepEqual(renewal.results, { issued: 2, failed: 0 });
  assert.equal(world.attempts, undefined);
});

Deno.test("AcmeRenewal waits twice as long after each failure, up to six hours", async () => {
  const world = new World();
  world.fail = new AcmeError("no");
  await using renewal = new AcmeRenewal(world);
  await settled();

  await world.pass(DAY);

  assert.deepEqual(world.orders.slice(0, 7).map(Math.round), [
    ...[1, 6, 16, 36, 76, 156, 316],
  ]);
  assert(world.orders.length <= 10, `${world.orders.length} orders a day`);
  assert.equal(renewal.failures, world.orders.length);
});

Deno.test("AcmeRenewal comes back no sooner than the CA allows, also when a person asks or restarts it", async () => {
  const world = new World();
  world.fail = new AcmeError("too many", {
    kind: "rateLimited",
    retryAfter: 3 * 60 * MINUTE,
  });
  {
    await using renewal = new AcmeRenewal(world);
    await settled();
    await world.pass(30 * MINUTE);
    await renewal.retry();
    assert.equal(world.orders.length, 1);
  }
  await using again = new AcmeRenewal(world);
  await settled();

  await world.pass(140 * MINUTE);
  assert.equal(world.orders.length, 1);
  await world.pass(20 * MINUTE);

  assert.equal(world.orders.length, 2);
  assert.equal(again.failures, 2);
});

Deno.test("AcmeRenewal orders at once when a person asks after a failure", async () => {
  const world = new World();
  world.fail = new AcmeError("no");
  await using renewal = new AcmeRenewal(world);
  await settled();
  await world.pass(MINUTE);
  world.fail = undefined;

  await renewal.retry();

  assert.deepEqual(renewal.results, { issued: 1, failed: 1 });
  assert.equal(renewal.failures, 0);
});

Deno.test("a server that is restarted again and again does not order each time", async () => {
  const world = new World();
  world.fail = new AcmeError("no");
  for (let restart = 0; restart < 30; restart++) {
    await using _renewal = new AcmeRenewal(world);
    await settled();
    await world.pass(2 * MINUTE);
  }

  assert(world.orders.length <= 7, `${world.orders.length} orders an hour`);
});

Deno.test("AcmeRenewal orders again for other names", async () => {
  const world = new World();
  world.certificate = await world.issue(90);
  world.domains[0] = "other.test";
  await using _renewal = new AcmeRenewal(world);
  await settled();

  await world.pass(MINUTE);

  assert.equal(world.orders.length, 1);
});

Deno.test("AcmeRenewal says why and when the last order failed, over a restart, until a good one", async () => {
  const world = new World();
  world.fail = new AcmeError("no ".repeat(1000));
  const seen: (number | undefined)[] = [];
  {
    await using first = new AcmeRenewal(world);
    await settled();
    await world.pass(MINUTE);
    seen.push(first.lastError?.at);
  }
  const [at = Infinity] = seen;
  assert.ok(at <= world.clock.now());
  await using renewal = new AcmeRenewal(world);
  await settled();
  const kept = renewal.lastError;
  world.fail = undefined;

  await renewal.retry();

  assert.equal(kept?.at, at);
  assert.equal(kept?.reason, "no ".repeat(1000).slice(0, 1000));
  assert.equal(renewal.lastError, undefined);
});
