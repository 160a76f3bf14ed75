/**
 * Promise: one tunnel cannot take the server from the others: its exchanges and
 * its bytes a second are limited.
 *
 * @module
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  BrowserConnection,
  type BrowserProxy,
  get,
  open,
  type Way,
  WAYS,
} from "../testing/browser.ts";
import { credentialsFor } from "../testing/user.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";

Deno.test("a tunnel with all the requests it may have refuses more for a while, and another one responds at once", async () => {
  const limit = 20;
  await using system = await runningSystem({
    server: { tunnelMaxExchanges: limit },
  });
  await using _other = await startTestClient(system.server, {
    tunnelName: "other",
  });
  await using origin = await startOrigin();
  const url = `http://origin.test:${origin.port}`;
  const proxyOf = (name: string) => ({
    port: system.proxyAddress.port,
    credentials: credentialsFor(name),
  });

  const held = await Promise.all(
    Array.from(
      { length: limit },
      () => open(`${url}/hold-body/x`, proxyOf("lab")),
    ),
  );
  const refused = await get(`${url}/`, proxyOf("lab"));
  const other = await get(`${url}/`, proxyOf("other"));
  origin.release("x");
  for (const opening of held) {
    using whole = opening;
    await whole.text();
  }
  const later = await within(untilTaken(), "the tunnel to take requests again");

  assert.equal(refused.status, 503);
  assert.match(
    refused.error ?? "",
    /^tunnel_limit The tunnel "lab" has reached /,
  );
  assert.equal(refused.get("retry-after"), "5");
  assert.equal(other.status, 200);
  assert.equal(later, 200);

  async function untilTaken(): Promise<number> {
    for (;;) {
      const { status } = await get(`${url}/`, proxyOf("lab"));
      if (status !== 503) return status;
    }
  }
});

/** Far more than may lie unread, with what fits into sockets. */
const SLOW_BROWSERS = 80;
const LARGE = 10_000_000;

Deno.test("a tunnel whose browsers read nothing holds up no other", async () => {
  await using system = await runningSystem();
  await using _other = await startTestClient(system.server, {
    tunnelName: "other",
  });
  await using origin = await startOrigin();
  using browsers = new DisposableStack();
  const begun = Array.from({ length: SLOW_BROWSERS }, async () => {
    const browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    browsers.use(browser);
    await browser.exchange("GET", `/bytes/${LARGE}`);
  });
  await Promise.all(begun);

  const proxy = { ...system.proxy, credentials: credentialsFor("other") };
  using browser = await BrowserConnection.open(proxy, { site: origin });
  const answer = await browser.exchange("GET", `/bytes/${RATE}`);
  const text = await within(answer.text(), "a download through the other");

  assert.equal(text.length, RATE);
});

/** Rate of the slower one of two servers in bytes a second; the other one's is this times `FACTOR`. */
const RATE = 1024 * 1024;
const FACTOR = 4;
/** Bytes that the slower one must pass: several times the burst, so that it is the rate that counts. */
const ENOUGH = RATE / 2;

/** Counts bytes of a flow without end. */
class Meter {
  passed = 0;
  readonly #wanted: number;
  readonly #reached = Promise.withResolvers<void>();
  /** Resolves when as many have passed as are wanted. */
  readonly reached: Promise<void> = this.#reached.promise;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  add(bytes: number): void {
    this.passed += bytes;
    if (this.passed >= this.#wanted) this.#reached.resolve();
  }
}

/** Where a flow begins: which proxy, with which credentials, and how. */
interface Stage extends BrowserProxy {
  readonly way: Way;
  /** Ends what the flow is made of. */
  readonly stack: AsyncDisposableStack;
}

/** Begins to read content without end. */
async function download({ way, stack, ...proxy }: Stage): Promise<Meter> {
  const meter = new Meter(ENOUGH);
  const site = stack.use(await startOrigin());
  const browser = stack.use(
    await BrowserConnection.open(proxy, { site, way }),
  );
  const { content } = await browser.exchange("GET", "/bytes/1000000000");
  const into = new Uint8Array(65_536);
  void untilCut(async () => meter.add(await content.read(into) ?? 0));
  return meter;
}

/** Begins to send content without end; what has passed is what the site gets. */
async function upload({ way, stack, ...proxy }: Stage): Promise<Meter> {
  const meter = new Meter(ENOUGH);
  const site = stack.use(startSite(async (exchange) => {
    for await (const piece of exchange.content()) meter.add(piece.byteLength);
  }));
  const browser = stack.use(
    await BrowserConnection.open(proxy, { site, way }),
  );
  await browser.raw.send(
    browser.head("POST", "/", [["Transfer-Encoding", "chunked"]]),
  );
  const piece = new Uint8Array(65_536);
  void untilCut(() => browser.sendChunk(piece));
  return meter;
}

/** Repeats a step until the test has ended what it works on. */
async function untilCut(step: () => Promise<void>): Promise<void> {
  try {
    for (;;) await step();
  } catch {
    // That is how it ends.
  }
}

for (const way of WAYS) {
  for (const begin of [download, upload]) {
    Deno.test(`--tunnel-rate-limit lets pass what it says (${begin.name}, ${way})`, async () => {
      await using stack = new AsyncDisposableStack();
      const meters = await Promise.all([1, FACTOR].map(async (factor) => {
        const server = { tunnelRateLimit: RATE * factor };
        const system = stack.use(await runningSystem({ server }));
        return await begin({ ...system.proxy, way, stack });
      }));

      await within(meters[0]?.reached ?? assert.fail(), "the slower one");
      const [slow, fast] = meters.map(({ passed }) => passed);

      const ratio = (fast ?? 0) / (slow ?? 0);
      assert.ok(ratio > FACTOR / 2 && ratio < FACTOR * 2, `${ratio}`);
    });
  }
}

Deno.test("the exchanges of a tunnel share its rate, and two tunnels share none", async () => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestServer({ tunnelRateLimit: RATE }));
  for (const tunnelName of ["a", "b"]) {
    stack.use(await startTestClient(server, { tunnelName }));
  }
  const flows = ["a", "b", "b", "b", "b"].map((name) => {
    const credentials = credentialsFor(name);
    const proxy = { ...server.proxyAddress, credentials };
    return download({ ...proxy, way: "plain", stack });
  });

  const [alone, ...together] = await Promise.all(flows);
  await within(
    alone?.reached ?? assert.fail(),
    "the one that has a tunnel for itself",
  );

  const sum = together.reduce((sum, { passed }) => sum + passed, 0);
  const ratio = sum / (alone?.passed ?? 0);
  assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`);
});
