/** Whatever lists of domains a member's tunnels have, the server serves everybody else meanwhile, and starts. */
// deno-lint-ignore-file camelcase no-console -- the names on the wire; figures
import assert from "node:assert/strict";
import type { DomainRules } from "../../src/api/resources/domain_rules.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import { TunnelRegistry } from "../../src/server/tunnels/registry.ts";
import {
  persistTunnels,
  TunnelStore,
} from "../../src/server/tunnels/tunnel_store.ts";
import { USER } from "../testing/user.ts";
import {
  type ServerProgram,
  SIGNALS,
  startAgain,
  startServerProgram,
  temporaryDirectory,
} from "../system/programs.ts";
import { callRest, type RestAnswer } from "../system/rest_calls.ts";

/**
 * What others wait at most, in milliseconds. One slice of the work takes 10 to
 * 60; the rest is room for a machine that does other things too. Before there
 * were slices, one of the tunnels below took 10,500.
 */
const LONGEST_WAIT = 2_000;
/** A start takes 1 to 2 s; checking the rules of the three tunnels below took 18 more. */
const LONGEST_START = 10_000;

/** Compiled to 30 MB, by 42 KB of text. */
const HUGE = Array.from({ length: 63 }, () => `(?i)${"\\pL".repeat(330)}`);
/** As large as it may be: 31,000 steps. */
const LARGE = Array.from(
  { length: 970 },
  (_, at) => `^(.+\\.)?shop${at}\\.example\\.com$`,
);

const ATTACKS: Readonly<
  Record<string, { rules: DomainRules; status: number }>
> = {
  "huge classes": {
    rules: {
      deny_domains: HUGE,
      direct_domains: HUGE,
      tls_resign_domains: HUGE,
    },
    status: 400,
  },
  "long ranges of other cases": {
    rules: {
      deny_domains: Array.from(
        { length: 63 },
        () => `(?i)${"[B-\\x{1e942}]".repeat(60)}`,
      ),
    },
    status: 400,
  },
  "lists that are large together": {
    rules: { deny_domains: LARGE, direct_domains: LARGE },
    status: 400,
  },
  "lists as large as they may be": {
    rules: { deny_domains: LARGE },
    status: 201,
  },
};

for (const [name, { rules, status }] of Object.entries(ATTACKS)) {
  Deno.test(`the server responds to others while tunnels start with ${name}`, async () => {
    await using server = await startServerProgram();
    const attack = (at: number) => startTunnel(server, rules, at);

    const answers = Promise.all([1, 2, 3, 4].map(attack));
    const longest = await longestWait(server, answers);

    console.info(`${name}: others waited ${longest.toFixed(0)} ms at most`);
    for (const answer of await answers) {
      assert.equal(answer.status, status, answer.text.slice(0, 200));
    }
    assert.ok(longest <= LONGEST_WAIT, `${longest} ms`);
  });
}

Deno.test(
  "a server starts, and responds, whatever rules its database has",
  SIGNALS,
  async () => {
    await using directory = await temporaryDirectory();
    await using first = await startServerProgram({ dataDir: directory.path });
    first.process.signal("SIGTERM");
    await first.process.exit();
    store(directory.path, [
      ...Array(3).fill({ deny_domains: HUGE, tls_resign_domains: HUGE }),
      ...Array(20).fill({ deny_domains: LARGE }),
      { deny_domains: ["sh[op"] },
    ]);
    const startedAt = performance.now();

    await using second = await startAgain(first);
    const took = performance.now() - startedAt;
    const longest = await longestWait(
      second,
      second.process.event("tunnel ended: its rules are invalid"),
    );

    console.info(
      `start: ${took.toFixed(0)} ms, then others waited ${longest.toFixed(0)}`,
    );
    assert.ok(took <= LONGEST_START, `${took} ms`);
    assert.ok(longest <= LONGEST_WAIT, `${longest} ms`);
  },
);

function startTunnel(
  server: ServerProgram,
  rules: DomainRules,
  at: number,
): Promise<RestAnswer> {
  const body = { tunnel_identifier: `rules-${at}`, ...rules };
  return callRest(server, { method: "POST", path: "", body });
}

/** Calls the server again and again until `work` is done. @returns The longest time to a response, in milliseconds. */
async function longestWait(
  { url, caFile }: ServerProgram,
  work: Promise<unknown>,
): Promise<number> {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(caFile)],
  });
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let longest = 0;
  do {
    const askedAt = performance.now();
    const answer = await fetch(`${url}/healthz`, { client });
    await answer.body?.cancel();
    longest = Math.max(longest, performance.now() - askedAt);
  } while (!isDone);
  await done;
  return longest;
}

/** Writes tunnels down as a server does that was killed. */
function store(dataDir: string, all: readonly DomainRules[]): void {
  using tunnels = new TunnelStore(databasePath(dataDir));
  const registry = new TunnelRegistry();
  using _kept = persistTunnels(registry, tunnels);
  for (const [at, rules] of all.entries()) {
    registry.create({ owner: USER.name, name: `stored-${at}`, rules });
  }
}
