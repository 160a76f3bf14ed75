/**
 * Figures of earlier commits: ratios, since rates of two machines do not
 * compare.
 *
 * @module
 */
import { z } from "zod";
import type { WorkResult } from "../runner.ts";
import type { Workload } from "../workload.ts";
import { median, ratioOf } from "./table.ts";

/** A ratio may be this much worse than before: what runs of one commit differ by on a shared machine. */
const ALLOWANCE = 0.15;
/** How many of the last entries a new one is compared with. */
const WINDOW = 5;

const ENTRY = z.strictObject({
  /** The commit that was measured. */
  tree: z.string(),
  /** When, as ISO 8601 in UTC. */
  at: z.iso.datetime(),
  machine: z.string(),
  runs: z.int().positive(),
  seconds: z.number().positive(),
  /** By workload, then by peer: how many times as well as the peer. */
  ratios: z.record(z.string(), z.record(z.string(), z.number().positive())),
});

/** One run of the benchmarks: a line of the history. */
export type HistoryEntry = z.output<typeof ENTRY>;

/**
 * The ratios of a run, to two digits. Workloads and peers without one are left out.
 *
 * @param baseOf The peer that the others are compared with.
 */
export function ratiosOf(
  results: readonly WorkResult[],
  baseOf: (workload: Workload) => string,
): HistoryEntry["ratios"] {
  const ratios: HistoryEntry["ratios"] = {};
  for (const result of results) {
    const own = baseOf(result.workload);
    const others = result.peers.flatMap(({ peer }) => {
      const value = peer === own ? undefined : ratioOf(result, own, peer);
      return value === undefined ? [] : [[peer, Number(value.toFixed(2))]];
    });
    if (others.length > 0) {
      ratios[result.workload.name] = Object.fromEntries(others);
    }
  }
  return ratios;
}

/** Reads a history: a JSON object a line. @throws {SyntaxError} With the number of a line that is something else. */
export function readHistory(text: string): readonly HistoryEntry[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const read = ENTRY.safeParse(parse(line));
    if (read.success) return [read.data];
    throw new SyntaxError(
      `Cannot read line ${index + 1} of the history of the benchmarks: ${
        read.error.issues[0]?.message
      }`,
    );
  });
}

/** An entry as a line. */
export function historyLine(entry: HistoryEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * What is worse than in the history, a line for each workload and peer.
 *
 * The median of the last five entries that have both counts. A ratio that is
 * 15 % below it is worse.
 */
export function worseThan(
  history: readonly HistoryEntry[],
  ratios: HistoryEntry["ratios"],
): readonly string[] {
  return Object.entries(ratios).flatMap(([work, peers]) =>
    Object.entries(peers).flatMap(([peer, now]) => {
      const known = history.flatMap((entry) =>
        entry.ratios[work]?.[peer] ?? []
      );
      const before = median(known.slice(-WINDOW));
      if (before === undefined || now >= before * (1 - ALLOWANCE)) return [];
      return [
        `${work} beside ${peer}: ${now.toFixed(2)}, before ${
          before.toFixed(2)
        }`,
      ];
    })
  );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses it in the words of the others.
    return undefined;
  }
}
