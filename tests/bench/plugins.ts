/**
 * What a hook costs a request: `deno run -A --no-prompt tests/bench/plugins.ts`.
 *
 * A server, a client and a site in one process, and requests through the whole
 * tunnel; the plugin looks at each and adds a field. The ways take turns, so
 * that what else the machine does falls on all of them; the medians count.
 *
 * @module
 */
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { BrowserConnection, type BrowserProxy } from "../testing/browser.ts";
import { credentialsFor } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { startSite } from "../testing/origin.ts";
import { formatTable, median } from "./table.ts";

const ROUNDS = 7;
const REQUESTS = 2_000;
/** As many as the pages of a small test run have running. */
const AT_ONCE = 16;

const PLUGIN = `export default {
  request({ url, headers }) {
    if (url.pathname === "/") headers.set("X-Test-Run", "nightly");
  },
};`;

/** What takes turns. */
const WAYS = ["no plugin", "trusted", "sandboxed"] as const;

type Way = typeof WAYS[number];

if (import.meta.main) await measureAll();

async function measureAll(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(
    startSite((exchange) => exchange.answer(200, { body: "ok" })),
  );
  const server = stack.use(await startTestServer());
  const files = stack.use(await tempPlugins({ "mark.js": PLUGIN }));
  const proxies = new Map<Way, BrowserProxy>();
  for (const way of WAYS) {
    const tunnelName = way.replace(" ", "-");
    stack.use(
      await startTestClient(server, {
        tunnelName,
        ...way === "no plugin" ? {} : {
          plugins: {
            directories: [files.directory],
            permissions: way === "trusted"
              ? [{ plugin: undefined, permissions: "trusted" }]
              : [],
          },
        },
      }),
    );
    const credentials = credentialsFor(tunnelName);
    proxies.set(way, { ...server.proxyAddress, credentials });
  }
  for (const atOnce of [1, AT_ONCE]) {
    const text = report(atOnce, await takeTurns(proxies, site, atOnce));
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }
}

/** Microseconds per request of each round, by way. */
async function takeTurns(
  proxies: ReadonlyMap<Way, BrowserProxy>,
  site: { readonly port: number },
  atOnce: number,
): Promise<ReadonlyMap<Way, readonly number[]>> {
  const times = new Map<Way, number[]>();
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [way, proxy] of proxies) {
      const startedAt = performance.now();
      await Promise.all(
        Array.from(
          { length: atOnce },
          () => ask(proxy, site, REQUESTS / atOnce),
        ),
      );
      const time = (performance.now() - startedAt) * 1000 / REQUESTS;
      if (round > 0) times.set(way, [...times.get(way) ?? [], time]);
    }
  }
  return times;
}

/** One browser connection, one request after the other. */
async function ask(
  proxy: BrowserProxy,
  site: { readonly port: number },
  count: number,
): Promise<void> {
  using browser = await BrowserConnection.open(proxy, { site });
  for (let at = 0; at < count; at += 1) {
    const answer = await browser.exchange("GET", "/");
    if (answer.status !== 200 || await answer.text() !== "ok") {
      throw new Error(`Not the page: ${answer.head}`);
    }
  }
}

function report(
  atOnce: number,
  times: ReadonlyMap<Way, readonly number[]>,
): string {
  const medians = Array.from(
    times,
    ([way, rounds]) => [way, median(rounds) ?? NaN] as const,
  );
  const [[, base = NaN] = []] = medians;
  const rows = medians.map(([way, time]) => [
    way,
    time.toFixed(0),
    (time - base).toFixed(0),
    (time / base).toFixed(2),
  ]);
  const head = [`${atOnce} at once`, "µs a request", "added", "ratio"];
  return `${formatTable([head, ...rows])}\n\n`;
}
