/**
 * Results as tables: medians, and how many times better we are.
 *
 * @module
 */
import type { PeerResult, WorkResult } from "../runner.ts";
import type { Workload } from "../workload.ts";

/** A table: the first row is the head, the first column is text. */
export type Table = readonly (readonly string[])[];

const NOTHING = "–";
/** Cells that stand under each other from the right. */
const NUMERIC = /^[\d.–]*$/;

/** The middle of the values; of two, their mean. `undefined` without values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined
    ? undefined
    : (upper + lower) / 2;
}

/** The values of one column in all runs. */
function columnOf({ rows }: PeerResult, index: number): number[] {
  return rows.flatMap((row) => row[index] ?? []);
}

function medianOf(result: PeerResult, index: number): number | undefined {
  return median(columnOf(result, index));
}

function number(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value)
    ? NOTHING
    : value.toFixed(digits);
}

/** How many times as well as `other` does `own` do; above 1 is better. */
export function ratio(
  own: number | undefined,
  other: number | undefined,
  better: Workload["better"],
): number | undefined {
  // Memory that shrank has no ratio.
  if (own === undefined || own <= 0) return undefined;
  if (other === undefined || other <= 0) return undefined;
  return better === "more" ? own / other : other / own;
}

/**
 * How many times as well `own` does, in order: a ratio for each turn, in which
 * the machine was the same for both. When a turn failed, one of the medians.
 */
function ratiosOf(
  own: PeerResult | undefined,
  other: PeerResult,
  better: Workload["better"],
): readonly number[] {
  if (own === undefined) return [];
  const isPaired = own.rows.length === other.rows.length;
  const pairs = isPaired
    ? own.rows.map(([mine], turn) => [mine, other.rows[turn]?.[0]] as const)
    : [[medianOf(own, 0), medianOf(other, 0)] as const];
  return pairs.flatMap(([mine, its]) => ratio(mine, its, better) ?? [])
    .toSorted((a, b) => a - b);
}

/** The middle half of sorted values. */
function middleHalf(sorted: readonly number[]): string {
  const quarter = Math.floor(sorted.length / 4);
  return sorted.length < 4
    ? NOTHING
    : `${number(sorted[quarter], 2)}–${number(sorted.at(-1 - quarter), 2)}`;
}

/** How many times as well as `other` did `own` do in a workload, by the first column. */
export function ratioOf(
  { workload, peers }: WorkResult,
  own: string,
  other: string,
): number | undefined {
  const of = (name: string) => peers.find(({ peer }) => peer === name);
  const its = of(other);
  return its === undefined
    ? undefined
    : median(ratiosOf(of(own), its, workload.better));
}

/** All numbers of one workload, a row for each peer; `own` is the one that others are compared with. */
export function workTable(
  { workload, peers }: WorkResult,
  own: string,
): Table {
  const mine = peers.find(({ peer }) => peer === own);
  const head = [
    "peer",
    `${own} is ×`,
    "in half of the turns",
    ...workload.columns.map(({ title }) => title),
    "lowest–highest",
  ];
  const rows = peers.filter(({ rows }) => rows.length > 0).map((result) => [
    result.peer,
    ...comparison(mine, result, workload),
    ...workload.columns.map(({ digits }, index) =>
      number(medianOf(result, index), digits)
    ),
    rangeOf(result, workload),
  ]);
  return [head, ...rows];
}

function comparison(
  own: PeerResult | undefined,
  result: PeerResult,
  { better }: Workload,
): readonly [ratio: string, range: string] {
  if (result === own) return ["", ""];
  const ratios = ratiosOf(own, result, better);
  return [number(median(ratios), 2), middleHalf(ratios)];
}

function rangeOf(result: PeerResult, { columns }: Workload): string {
  const values = columnOf(result, 0);
  const digits = columns[0]?.digits ?? 0;
  return `${number(Math.min(...values), digits)}–${
    number(Math.max(...values), digits)
  }`;
}

/** The ratios of all workloads: a row for each workload, a column for each other peer. */
export function ratioTable(
  results: readonly WorkResult[],
  own: string,
): Table {
  const names = results[0]?.peers.map(({ peer }) => peer)
    .filter((name) => name !== own) ?? [];
  const rows = results.map((result) => [
    result.workload.name,
    ...names.map((name) => number(ratioOf(result, own, name), 2)),
  ]);
  return [["workload", ...names], ...rows];
}

/** What did not work, a line for each reason. */
export function troubles({ peers }: WorkResult): readonly string[] {
  const failed = peers.filter(({ trouble }) => trouble !== undefined);
  const byReason = Object.groupBy(
    failed,
    ({ rows, trouble }) =>
      `${rows.length === 0 ? "Not measured" : "Failed in a run"}: ${trouble}`,
  );
  return Object.entries(byReason).map(([reason, results = []]) =>
    `${reason} (${results.map(({ peer }) => peer).join(", ")})`
  );
}

/** A table as text: Markdown, or columns for a terminal. */
export function formatTable(
  table: Table,
  { markdown = false }: { readonly markdown?: boolean } = {},
): string {
  const [head = [], ...rows] = table;
  const widths = head.map((_, index) =>
    Math.max(...table.map((row) => row[index]?.length ?? 0))
  );
  const isNumeric = head.map((_, index) =>
    rows.every((row) => NUMERIC.test(row[index] ?? ""))
  );
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0;
      return isNumeric[index] ? cell.padStart(width) : cell.padEnd(width);
    });
    return markdown ? `| ${cells.join(" | ")} |` : cells.join("  ").trimEnd();
  };
  const rule = widths.map((width, index) =>
    isNumeric[index]
      ? `${"-".repeat(Math.max(3, width) - 1)}:`
      : "-".repeat(Math.max(3, width))
  );
  return [
    line(head),
    ...markdown ? [`| ${rule.join(" | ")} |`] : [],
    ...rows.map(line),
  ].join("\n");
}
