/**
 * What `deno task bench` is asked for.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Peer } from "./peer.ts";
import { PEERS } from "./peers.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads.ts";

/** What shows a regression within three minutes. */
const QUICK = {
  only: "sallyport,bare,ssh+squid",
  work: "bulk-1,keep-1,keep-32,plain-32,connections",
  runs: "3",
  seconds: "1",
} as const;

/** What `--help` prints. */
export const HELP = `deno task bench [options]

  --only PEER,…      only these: ${PEERS.map(({ name }) => name).join(", ")}
  --work NAME,…      only these: ${WORKLOADS.map(({ name }) => name).join(", ")}
  --runs N           of which the median is shown (5)
  --seconds S        for each measurement (2)
  --quick            three minutes: --only=${QUICK.only}
                     --work=${QUICK.work}
                     --runs=${QUICK.runs} --seconds=${QUICK.seconds}; other options change it
  --against COMMIT   this program as of that commit is one more peer
  --record           add the ratios to history.jsonl
  --check            compare the ratios with history.jsonl; exit 1 if one is worse
  --patience S       longest wait for a quiet machine before each (0)
  --markdown         tables for documents
`;

/** How to measure what. */
export interface Wishes {
  readonly peers: readonly Peer[];
  readonly workloads: readonly Workload[];
  readonly runs: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** The longest wait for a quiet machine, in seconds. */
  readonly patience: number;
  readonly markdown: boolean;
  /** A commit to measure beside this tree. */
  readonly against: string | undefined;
  readonly record: boolean;
  readonly check: boolean;
}

/**
 * Reads the arguments of the task.
 *
 * @returns `undefined` when help is asked for.
 * @throws {RangeError} With a sentence for the user.
 */
export function readWishes(args: readonly string[]): Wishes | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const quick = values.quick ? QUICK : undefined;
  return {
    peers: chosen(PEERS, "--only", values.only ?? quick?.only),
    workloads: chosen(WORKLOADS, "--work", values.work ?? quick?.work),
    runs: count("--runs", values.runs ?? quick?.runs ?? "5"),
    seconds: positive("--seconds", values.seconds ?? quick?.seconds ?? "2"),
    patience: values.patience === "0"
      ? 0
      : positive("--patience", values.patience),
    markdown: values.markdown,
    against: values.against,
    record: values.record,
    check: values.check,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        work: { type: "string" },
        runs: { type: "string" },
        seconds: { type: "string" },
        quick: { type: "boolean", default: false },
        against: { type: "string" },
        record: { type: "boolean", default: false },
        check: { type: "boolean", default: false },
        patience: { type: "string", default: "0" },
        markdown: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`${reason}\n${HELP}`, { cause });
  }
}

/** The ones that are named, or begin with a name and a hyphen, in their own order; all when none is. */
function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  option: string,
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
    throw new RangeError(`${option} has no "${unknown}"\n${HELP}`);
  }
  return all.filter((one) => wanted.some((name) => isNamed(one, name)));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${option} takes a number above 0, not "${text}"`);
}

function count(option: string, text: string): number {
  const value = positive(option, text);
  if (Number.isInteger(value)) return value;
  throw new RangeError(`${option} takes a whole number, not "${text}"`);
}
