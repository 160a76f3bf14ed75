/**
 * `deno task bench`: this program beside its peers, in one run on one machine.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTestAuthority } from "../testing/certs.ts";
import { TestProcess } from "../testing/process.ts";
import { describeMachine, describeTree, waitUntilQuiet } from "./machine.ts";
import type { Peer } from "./peer.ts";
import { PEERS } from "./peers.ts";
import type { Site } from "./place.ts";
import { measureAll, type WorkResult } from "./runner.ts";
import {
  formatTable,
  median,
  ratioTable,
  type Table,
  troubles,
  workTable,
} from "./table.ts";
import { findProgram } from "./tools.ts";
import { WORKLOADS } from "./workloads.ts";

const OWN = "sallyport";
/** Others may use this share of one core while the machine counts as quiet. */
const QUIET = 0.25;

const HELP = `deno task bench [options]

  --only PEER,…      only these: ${PEERS.map(({ name }) => name).join(", ")}
  --work NAME,…      only these: ${WORKLOADS.map(({ name }) => name).join(", ")}
  --runs N           of which the median is shown (5)
  --seconds S        for each measurement (2)
  --patience S       longest wait for a quiet machine before each (0)
  --markdown         tables for documents
`;

interface Wishes {
  readonly peers: readonly Peer[];
  readonly workloads: typeof WORKLOADS;
  readonly runs: number;
  readonly seconds: number;
  readonly patience: number;
  readonly markdown: boolean;
}

/** The ones that are named, or begin with a name and a hyphen, in their own order; all when none is. */
function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all;
  const wanted = names.split(",");
  const isNamed = (one: T, name: string) =>
    one.name === name || one.name.startsWith(`${name}-`);
  const unknown = wanted.filter((name) =>
    !all.some((one) => isNamed(one, name))
  );
  if (unknown.length > 0) {
    throw new RangeError(`Cannot find "${unknown}": ${HELP}`);
  }
  return all.filter((one) => wanted.some((name) => isNamed(one, name)));
}

function readWishes(args: readonly string[]): Wishes | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      work: { type: "string" },
      runs: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      patience: { type: "string", default: "0" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    peers: chosen(PEERS, values.only),
    workloads: chosen(WORKLOADS, values.work),
    runs: Number(values.runs),
    seconds: Number(values.seconds),
    patience: Number(values.patience),
    markdown: values.markdown,
  };
}

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
      formatTable(workTable(result, OWN), options),
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

async function bench(
  { peers, workloads, runs, seconds, patience, markdown }: Wishes,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
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
}

function print(text: string, to = Deno.stdout): void {
  to.writeSync(new TextEncoder().encode(`${text}\n`));
}

const wishes = readWishes(Deno.args);
if (wishes === undefined) print(HELP);
else await bench(wishes);
