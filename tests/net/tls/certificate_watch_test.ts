import assert from "node:assert/strict";
import { configureLog } from "../../../src/log/configure.ts";
import { logger } from "../../../src/log/log.ts";
import type { Clock } from "../../../src/async/clock.ts";
import {
  type CertificateText,
  CertificateWatch,
} from "../../../src/net/tls/certificate_watch.ts";
import { createTestAuthority, type Validity } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Ends of validity are whole seconds. */
const NOW = Math.floor(Date.now() / 1000) * 1000;

/** A clock that a test moves; what waits on it is called by hand. */
class HandClock implements Clock {
  time = NOW;
  waiting: { readonly ms: number; readonly action: () => void }[] = [];

  now(): number {
    return this.time;
  }

  timer(ms: number, action: () => void): Disposable {
    const entry = { ms, action };
    this.waiting.push(entry);
    return {
      [Symbol.dispose]: () => {
        this.waiting = this.waiting.filter((each) => each !== entry);
      },
    };
  }
}

/** One certificate file that a test changes, and what came of it. */
class World implements AsyncDisposable {
  readonly clock = new HandClock();
  readonly used: CertificateText[] = [];
  found: CertificateText;
  readFailure: Error | undefined;
  useFailure: Error | undefined;
  reading: () => Promise<void> = () => Promise.resolve();
  readonly watch: CertificateWatch;
  readonly #log: AsyncDisposable;
  readonly #text: string[];

  private constructor(
    inUse: CertificateText,
    areTrusted: boolean,
    log: { readonly closing: AsyncDisposable; readonly text: string[] },
  ) {
    this.found = inUse;
    this.#log = log.closing;
    this.#text = log.text;
    this.watch = new CertificateWatch([{
      name: "server",
      ...areTrusted ? { areTrusted } : {},
      inUse,
      read: async () => {
        await this.reading();
        if (this.readFailure !== undefined) throw this.readFailure;
        return this.found;
      },
      use: (text) => {
        if (this.useFailure !== undefined) throw this.useFailure;
        this.used.push(text);
      },
    }], { log: logger("server"), interval: 7_000, clock: this.clock });
  }

  static async open(inUse: CertificateText, areTrusted = false) {
    const text: string[] = [];
    const output = {
      write: (bytes: Uint8Array) => {
        text.push(new TextDecoder().decode(bytes));
        return Promise.resolve(bytes.byteLength);
      },
      close() {},
    };
    const closing = await configureLog({ output });
    return new World(inUse, areTrusted, { closing, text });
  }

  /** The log so far, without times. */
  async lines(): Promise<readonly string[]> {
    await this[Symbol.asyncDispose]();
    return this.#text.join("").split("\n").slice(0, -1)
      .map((line) => line.slice(27).replace(/ error=.*/, ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch[Symbol.asyncDispose]();
    await this.#log[Symbol.asyncDispose]();
  }
}

function endingIn(ms: number): Validity {
  return { notAfter: new Date(NOW + ms) };
}

const authority = await createTestAuthority();
const long = () => authority.issue(["a.test"], endingIn(90 * DAY));

function expiryOf({ notAfter }: Validity): string {
  return notAfter?.toISOString() ?? "";
}

Deno.test("CertificateWatch takes a new certificate once, and says so", async () => {
  await using world = await World.open(await long());
  const fresh = await long();

  await world.watch.reload();
  world.found = fresh;
  await world.watch.reload();
  await world.watch.reload();

  assert.deepEqual(world.used, [fresh]);
  assert.deepEqual(world.watch.certificates, { server: fresh.cert });
  assert.deepEqual(await world.lines(), [
    `[server] [INFO] new certificates are in use certificates=server expires=${
      expiryOf(endingIn(90 * DAY))
    }`,
  ]);
});

Deno.test("CertificateWatch looks by itself, one look after the other", async () => {
  await using world = await World.open(await long());
  world.found = await long();
  const { clock } = world;

  const [first] = clock.waiting.splice(0);
  assert.equal(first?.ms, 7_000);
  first?.action();
  await within(
    (async () => {
      while (clock.waiting.length === 0) await Promise.resolve();
    })(),
    "the next look to be planned",
  );

  assert.equal(world.used.length, 1);
  await world.watch[Symbol.asyncDispose]();
  assert.deepEqual(clock.waiting, []);
});

Deno.test("CertificateWatch keeps the old certificate and complains once for each bad state", async () => {
  const old = await long();
  await using world = await World.open(old);
  const look = async (times: number) => {
    for (let n = 0; n < times; n++) await world.watch.reload();
  };

  world.readFailure = new Error("no such file");
  await look(3);
  world.readFailure = undefined;
  world.found = { cert: "no certificate", key: "" };
  await look(3);
  world.found = await long();
  world.useFailure = new Error("the key belongs to another certificate");
  await look(3);
  assert.deepEqual(world.watch.certificates, { server: old.cert });
  assert.deepEqual(world.used, []);
  world.useFailure = undefined;
  await look(3);

  assert.equal(world.used.length, 1);
  const bad =
    "[server] [ERROR] cannot use new certificates, the old ones stay certificates=server";
  const lines = await world.lines();
  assert.deepEqual(lines.filter((line) => line !== bad).length, 1);
  assert.deepEqual(lines.map((line) => line === bad), [
    true,
    true,
    true,
    false,
  ]);
});

for (
  const [ms, level, words] of [
    [14 * DAY, "WARN", "certificate expires soon, renew it"],
    [1_000, "WARN", "certificate expires soon, renew it"],
    [0, "ERROR", "certificate has expired, renew it"],
    [-1_000, "ERROR", "certificate has expired, renew it"],
    [-100 * DAY, "ERROR", "certificate has expired, renew it"],
  ] as const
) {
  Deno.test(`CertificateWatch warns at the start of a certificate that ends in ${ms} ms, and once a day`, async () => {
    const validity = { notBefore: new Date(0), ...endingIn(ms) };
    await using world = await World.open(
      await authority.issue(["a.test"], validity),
    );
    const { clock } = world;

    clock.time += DAY - 1;
    await world.watch.reload();
    clock.time += 1;
    await world.watch.reload();
    await world.watch.reload();

    const lines = await world.lines();
    assert.equal(lines.length, 2);
    const facts = `certificates=server subject="CN=Sallyport test origin" ` +
      `expires=${expiryOf(validity)}`;
    assert.equal(lines[0], `[server] [${level}] ${words} ${facts}`);
  });
}

Deno.test("CertificateWatch does not warn earlier than 14 days before", async () => {
  await using world = await World.open(
    await authority.issue(["a.test"], endingIn(14 * DAY + 1_000)),
  );

  await world.watch.reload();
  assert.deepEqual(await world.lines(), []);
});

Deno.test("CertificateWatch leaves certificates of others alone that expired long ago", async () => {
  const ended = { notBefore: new Date(0), ...endingIn(-14 * DAY - 1_000) };
  const soon = endingIn(3 * DAY);
  const certs = [
    await authority.issue(["a.test"], ended),
    await authority.issue(["a.test"], soon),
    await long(),
  ];
  await using world = await World.open(
    { cert: certs.map(({ cert }) => cert).join("\n") },
    true,
  );

  await world.watch.reload();
  const lines = await world.lines();
  assert.equal(lines.length, 1);
  assert(lines[0]?.endsWith(` expires=${expiryOf(soon)}`), lines[0]);
});

Deno.test("CertificateWatch warns of certificates of others that expired in the last 14 days", async () => {
  const ended = { notBefore: new Date(0), ...endingIn(-14 * DAY) };
  await using world = await World.open(
    await authority.issue(["a.test"], ended),
    true,
  );

  const [line] = await world.lines();
  assert.ok(line?.endsWith(` expires=${expiryOf(ended)}`), line);
});

Deno.test("CertificateWatch takes a new certificate of the same key, and a new key of the same certificate", async () => {
  const [old, other] = [await long(), await long()];
  await using world = await World.open(old);
  const changed = [
    { cert: other.cert, key: old.key },
    { cert: other.cert, key: other.key },
  ];

  for (const found of changed) {
    world.found = found;
    await world.watch.reload();
  }

  assert.deepEqual(world.used, changed);
});

Deno.test("CertificateWatch waits for a look that runs when it is disposed", async () => {
  const world = await World.open(await long());
  world.found = await long();

  const look = world.watch.reload();
  await world[Symbol.asyncDispose]();

  await look;
  assert.equal(world.used.length, 0);
  assert.deepEqual(world.clock.waiting, []);
});

Deno.test("CertificateWatch tells of the certificate that ends first, and at once of a new one", async () => {
  const certs = await Promise.all(
    [9, 2, 5].map((days) => authority.issue(["a.test"], endingIn(days * DAY))),
  );
  const sooner = await authority.issue(["a.test"], endingIn(DAY));
  await using world = await World.open({
    cert: certs.map(({ cert }) => cert).join("\n"),
  });

  world.found = sooner;
  await world.watch.reload();

  const warnings = (await world.lines()).filter((line) =>
    line.includes("[WARN]")
  );
  assert.deepEqual(
    warnings.map((line) => /expires=(\S+)/.exec(line)?.[1]),
    [expiryOf(endingIn(2 * DAY)), expiryOf(endingIn(DAY))],
  );
});

Deno.test("CertificateWatch is not disposed while a look runs, and plans none after it", async () => {
  await using world = await World.open(await long());
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  world.reading = () => {
    begun.resolve();
    return gate.promise;
  };

  const [planned] = world.clock.waiting.splice(0);
  planned?.action();
  await within(begun.promise, "the look");
  let isDisposed = false;
  const disposed = world.watch[Symbol.asyncDispose]()
    .then(() => isDisposed = true);
  // Longer than any promises that wait for nothing else.
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(isDisposed, false);
  gate.resolve();
  await within(disposed, "the end");
  await new Promise((resolve) => setTimeout(resolve));

  assert.deepEqual(world.clock.waiting, []);
});

Deno.test("CertificateWatch complains again of the same mistake after a good look", async () => {
  await using world = await World.open(await long());
  const failure = new Error("no such file");

  for (const readFailure of [failure, failure, undefined, failure]) {
    world.readFailure = readFailure;
    await world.watch.reload();
  }

  const complaint =
    "[server] [ERROR] cannot use new certificates, the old ones stay certificates=server";
  assert.deepEqual(await world.lines(), [complaint, complaint]);
});

Deno.test("CertificateWatch looks every half a minute by default", async () => {
  const clock = new HandClock();
  await using _watch = new CertificateWatch([], {
    log: logger("server"),
    clock,
  });

  assert.deepEqual(clock.waiting.map(({ ms }) => ms), [30_000]);
});
