/**
 * `deno task bench`: this program beside its peers, in one run on one machine.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createTestAuthority } from "../testing/certs.ts";
import { TestProcess } from "../testing/process.ts";
import { Checkout } from "./checkout.ts";
import {
  historyLine,
  ratiosOf,
  readHistory,
  worseThan,
} from "./figures/history.ts";
import { describeMachine, describeTree, waitUntilQuiet } from "./machine.ts";
import type { Peer } from "./peer.ts";
import { sallyport } from "./peers/sallyport.ts";
import type { Site } from "./place.ts";
import { measureAll, type WorkResult } from "./runner.ts";
import {
  formatTable,
  median,
  ratioTable,
  type Table,
  troubles,
  workTable,
} from "./figures/table.ts";
import { findProgram } from "./tools.ts";
import { HELP, readWishes, type Wishes } from "./wishes.ts";
import type { Workload } from "./workload.ts";

const OWN = "sallyport";
/** Others may use this share of one core while the machine counts as quiet. */
const QUIET = 0.25;
const HISTORY: string = fileURLToPath(
  new URL("history.jsonl", import.meta.url),
);

/** Each peer with the programs of it that are not here. */
function missingPrograms({ programs }: Peer): string[] {
  return programs.filter((program) => findProgram(program) === undefined);
}

async function openSite(stack: AsyncDisposableStack): Promise<Site> {
  const authority = await createTestAuthority();
  const path = fileURLToPath(new URL("programs/origin.ts", import.meta.url));
  const origin = stack.use(
    new TestProcess(Deno.execPath(), ["run", "-qA", path]),
  );
  const [port] = await origin.waitFor(/^\d+(?=\n)/);
  return {
    originPort: Number(port),
    certificate: await authority.issue(["127.0.0.1", "127.0.0.2", "localhost"]),
    ca: authority.ca,
  };
}

async function peerTable(peers: readonly Peer[]): Promise<Table> {
  const rows = peers.map(async (peer) => {
    const missing = missingPrograms(peer);
    const version = missing.length === 0
      ? await peer.version()
      : `skipped: no ${missing.join(", ")} on this machine`;
    return [peer.name, version, peer.about];
  });
  return [["peer", "version", "what runs"], ...await Promise.all(rows)];
}

function report(
  results: readonly WorkResult[],
  options: { readonly markdown: boolean },
): string {
  const title = (text: string) => options.markdown ? `#### ${text}` : text;
  const parts = results.map((result) => {
    const { workload: { name, about, columns }, others } = result;
    const noise = median(others) ?? 0;
    return [
      title(`${name}: ${about}`),
      "",
      formatTable(workTable(result, baseOf(result.workload)), options),
      "",
      `Compared by ${columns[0]?.title}. Others used ${
        noise.toFixed(2)
      } of a core.`,
      ...troubles(result),
      "",
    ].join("\n");
  });
  const ofAll = results.filter(({ workload }) => workload.peers === undefined);
  if (ofAll.length === 0) return parts.join("\n");
  return [
    ...parts,
    title(`How many times as well ${OWN} does (above 1: better)`),
    "",
    formatTable(ratioTable(ofAll, OWN), options),
  ].join("\n");
}

/** What others are compared with. */
function baseOf({ peers }: Workload): string {
  return peers?.[0]?.name ?? OWN;
}

/** The peers that are wished for, with the commit to compare with behind ours. */
async function peersFor(
  { peers, against }: Wishes,
  stack: AsyncDisposableStack,
): Promise<readonly Peer[]> {
  if (against === undefined) return peers;
  const { commit, main } = stack.use(await Checkout.open(against));
  const before = sallyport({
    name: commit,
    about: `this program as of ${against}`,
    main,
  });
  return peers.toSpliced(1, 0, before);
}

/** Compares with the history, then adds to it. @returns Whether nothing is worse, where that was asked for. */
async function remember(
  results: readonly WorkResult[],
  { check, record, runs, seconds }: Wishes,
): Promise<boolean> {
  const ratios = ratiosOf(results, baseOf);
  const worse = check
    ? worseThan(readHistory(await readFile(HISTORY)), ratios)
    : [];
  for (const line of worse) print(`Worse: ${line}`);
  if (check && worse.length === 0) print("Nothing is worse than before");
  if (record) {
    const entry = {
      tree: await describeTree(),
      at: new Date().toISOString(),
      machine: describeMachine(),
      runs,
      seconds,
      ratios,
    };
    await Deno.writeTextFile(HISTORY, historyLine(entry), { append: true });
  }
  return worse.length === 0;
}

/** The text of a file; empty without one. */
async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "";
    throw cause;
  }
}

async function bench(wishes: Wishes): Promise<boolean> {
  const { workloads, runs, seconds, patience, markdown } = wishes;
  await using stack = new AsyncDisposableStack();
  const peers = await peersFor(wishes, stack);
  print(`${describeMachine()}; tree ${await describeTree()}`);
  print(`Medians of ${runs} runs of ${seconds} s, in turns\n`);
  print(`${formatTable(await peerTable(peers), { markdown })}\n`);
  const results = await measureAll(await openSite(stack), {
    peers: peers.filter((peer) => missingPrograms(peer).length === 0),
    workloads,
    runs,
    times: { warmUp: 1000, duration: seconds * 1000 },
    untilQuiet: () => waitUntilQuiet(patience * 1000, QUIET),
    progress: (line) => print(line, Deno.stderr),
  });
  print(report(results, { markdown }));
  return await remember(results, wishes);
}

function print(text: string, to = Deno.stdout): void {
  to.writeSync(new TextEncoder().encode(`${text}\n`));
}

try {
  const wishes = readWishes(Deno.args);
  if (wishes === undefined) print(HELP);
  else if (!await bench(wishes)) Deno.exitCode = 1;
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  print(error.message, Deno.stderr);
  Deno.exitCode = 2;
}
