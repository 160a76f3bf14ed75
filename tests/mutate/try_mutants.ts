/**
 * Tries mutants of one module after the other.
 *
 * @module
 */
import type { Random } from "../http2/hpack/random.ts";
import type { Equivalent } from "./equivalents.ts";
import { applied, changeOf, type Mutant, mutantsOf } from "./mutants.ts";
import { type ImportGraph, mirrorOf } from "./nearest_tests.ts";
import type { Workspace } from "./workspace.ts";

/** What the tests said to one mutant. `too long`: they did not end, which counts as noticed. */
export type Verdict = "killed" | "too long" | "survived" | "equivalent";

/** A mutant that was tried. */
export interface Tried {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The whole line before the change, without indentation. */
  readonly text: string;
  /** `a < b → a <= b`. */
  readonly change: string;
  readonly verdict: Verdict;
}

/** How mutants are chosen and tried. */
export interface TryOptions {
  readonly random: Random;
  /** Mutants of each module; all when it has fewer. */
  readonly sample: number;
  /** Test files that are asked about each module, at most. */
  readonly tests: number;
  /** Milliseconds that the tests of others may take together, without a change. */
  readonly patience: number;
  readonly equivalents: readonly Equivalent[];
  /** Called after each mutant. */
  readonly onTried: (tried: Tried) => void;
  /** Called with a test of others that fails without a change. It is not asked. */
  readonly onLeftOut?: (test: string) => void;
}

/** A run may take this many times as long as without a change, and at least this many milliseconds. */
const SLOWER = 4;
const MIN_LIMIT = 15_000;
/** Tests in the order they are asked. */
interface Group {
  readonly files: readonly string[];
  readonly limit: number;
}

/**
 * Tries mutants of a module.
 *
 * @throws When it has no tests, or its own or all of them fail without a change.
 */
export async function tryMutants(
  workspace: Workspace,
  graph: ImportGraph,
  file: string,
  options: TryOptions,
): Promise<void> {
  const { random, sample, onTried } = options;
  const text = await workspace.read(file);
  const groups = await groupsOf(workspace, graph, file, options);
  for (const mutant of chosen(mutantsOf(text), sample, random)) {
    const shown = {
      file,
      line: mutant.line,
      text: (text.split("\n")[mutant.line - 1] ?? "").trim(),
      change: changeOf(text, mutant),
    };
    if (options.equivalents.some((known) => isSame(known, shown))) {
      onTried({ ...shown, verdict: "equivalent" });
      continue;
    }
    await workspace.write(file, applied(text, mutant));
    try {
      onTried({ ...shown, verdict: await verdictOf(workspace, groups) });
    } finally {
      await workspace.write(file, text);
    }
  }
}

/** Whether a judged mutant is this one. */
export function isSame(
  { file, line, change }: Equivalent,
  tried: Omit<Tried, "verdict">,
): boolean {
  return file === tried.file && line === tried.text && change === tried.change;
}

/** The module's own test, then the others, the fastest first: most mutants end at the first. */
async function groupsOf(
  workspace: Workspace,
  graph: ImportGraph,
  file: string,
  options: TryOptions,
): Promise<Group[]> {
  const tests = graph.testsOf(file, options.tests);
  const first = tests[0];
  if (first === undefined) throw new Error(`No test imports ${file}`);
  const own = first === mirrorOf(file) ? [first] : [];
  const groups: Group[] = [];
  for (const path of own) {
    const { outcome, output, took } = await workspace.unchanged(path);
    if (outcome !== "passed") {
      throw new Error(`${path} fails without a change\n${output}`);
    }
    groups.push(groupOf([{ path, took }]));
  }
  const others = await fastest(workspace, tests.slice(own.length), options);
  if (others.length > 0) groups.push(groupOf(others));
  if (groups.length > 0) return groups;
  throw new Error(`All tests of ${file} fail without a change`);
}

/** A test, and the milliseconds that it takes without a change. */
interface Timed {
  readonly path: string;
  readonly took: number;
}

/** Tests that end in time together, the fastest first. The first is always one of them. */
async function fastest(
  workspace: Workspace,
  tests: readonly string[],
  { patience, onLeftOut }: TryOptions,
): Promise<Timed[]> {
  const timed: Timed[] = [];
  let left = patience;
  for (const path of tests) {
    const { outcome, took } = await workspace.unchanged(path);
    if (outcome !== "passed") {
      onLeftOut?.(path);
    } else if (took <= left || timed.length === 0) {
      timed.push({ path, took });
      left -= took;
    }
    if (left <= 0) break;
  }
  return timed.toSorted((a, b) => a.took - b.took);
}

function groupOf(tests: readonly Timed[]): Group {
  const took = tests.reduce((sum, test) => sum + test.took, 0);
  return {
    files: tests.map(({ path }) => path),
    limit: Math.max(MIN_LIMIT, SLOWER * took),
  };
}

async function verdictOf(
  workspace: Workspace,
  groups: readonly Group[],
): Promise<Verdict> {
  for (const { files, limit } of groups) {
    const { outcome } = await workspace.test(files, limit);
    if (outcome !== "passed") return outcome === "failed" ? "killed" : outcome;
  }
  return "survived";
}

/** Some of the mutants, in the order of the text. */
function chosen(
  mutants: readonly Mutant[],
  sample: number,
  random: Random,
): Mutant[] {
  const left = [...mutants];
  const taken: Mutant[] = [];
  while (left.length > 0 && taken.length < sample) {
    taken.push(...left.splice(random(left.length), 1));
  }
  return taken.toSorted((a, b) => a.start - b.start);
}
