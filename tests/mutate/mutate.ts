/**
 * `deno task mutate [FILES]`: changes modules a little, and asks their tests
 * whether they notice. Without files it takes ten modules by chance: of those
 * with 60 lines, 10 mutants and a test that are not in `measured.ts`.
 *
 * - `--sample=30`: mutants of each module; 25 when not given.
 * - `--tests=20`: test files that are asked about each module; 12 when not given.
 * - `--patience=60`: seconds that the tests of others may take; 20 when not given.
 * - `--draw=7`: the same modules again.
 * - `--seed=7`: the same mutants of a module again, whatever the others are.
 * - `--least=95`: the least percentage that must be noticed. When it is not
 *   given, a draw needs the one of `floor.ts`, and named files need none.
 *
 * It reports: survivors do not make it fail. It ends with status 1 when less is
 * noticed than must be, or when a module cannot be tried at all.
 *
 * `equivalents.ts` lists the mutants that nobody can notice. The project is
 * copied to a temporary folder; the checkout stays as it is.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { join, relative, resolve } from "node:path";
import { type Random, randomFrom } from "../http2/hpack/random.ts";
import { EQUIVALENTS } from "./equivalents.ts";
import { MEASURED } from "./measured.ts";
import { FLOOR } from "./floor.ts";
import { mutantsOf } from "./mutants.ts";
import { ImportGraph } from "./nearest_tests.ts";
import { type Tried, tryMutants } from "./try_mutants.ts";
import { Workspace } from "./workspace.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Modules by chance, when none are named. */
const CHOSEN = 10;
/** Fewer lines or mutants say nothing about a module. */
const MIN_LINES = 60;
const MIN_MUTANTS = 10;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      sample: { type: "string", default: "25" },
      tests: { type: "string", default: "12" },
      patience: { type: "string", default: "20" },
      draw: { type: "string", default: anySeed() },
      seed: { type: "string", default: anySeed() },
      least: { type: "string" },
    },
  });
  const graph = await ImportGraph.read(ROOT);
  const files = positionals.length > 0
    ? positionals.map((path) => relative(ROOT, resolve(path)))
    : await modulesByChance(graph, randomFrom(Number(values.draw)));
  const isDraw = positionals.length === 0;
  const drawn = isDraw ? ` --draw=${values.draw}` : "";
  say(`--seed=${values.seed}${drawn} ${files.join(" ")}`);
  const all: Tried[] = [];
  const untried: string[] = [];
  await using workspace = await Workspace.copy(ROOT);
  for (const file of files) {
    const before = all.length;
    try {
      await tryMutants(workspace, graph, file, {
        random: randomFrom(Number(values.seed)),
        sample: Number(values.sample),
        tests: Number(values.tests),
        patience: Number(values.patience) * 1000,
        equivalents: EQUIVALENTS,
        onTried: (tried) => {
          all.push(tried);
          report(tried);
        },
        onLeftOut: (test) => say(`${test} fails without a change: not asked`),
      });
      say(`${file}: ${summaryOf(all.slice(before))}`);
    } catch (error) {
      untried.push(file);
      say(`${file}: not tried. ${error instanceof Error ? error.message : ""}`);
    }
  }
  say(summaryOf(all));
  const least = Number(values.least ?? (isDraw ? FLOOR : 0));
  const isBelow = percentOf(all) < least;
  if (isBelow) say(`Below the floor of ${least} %`);
  if (untried.length > 0) say(`Not tried: ${untried.join(" ")}`);
  return !isBelow && untried.length === 0;
}

function report(tried: Tried): void {
  const { verdict } = tried;
  if (verdict === "survived" || verdict === "too long") {
    say(`${verdict} ${lineOf(tried)}`);
  }
}

/** `src/a.ts:12  if (a < b) return;  < → <=`. */
function lineOf({ file, line, text, change }: Tried): string {
  return `${file}:${line}  ${text}  ${change}`;
}

function summaryOf(tried: readonly Tried[]): string {
  const count = (verdict: Tried["verdict"]) =>
    tried.filter((each) => each.verdict === verdict).length;
  return `${count("killed")} killed, ${count("too long")} too long, ` +
    `${count("survived")} survived, ${count("equivalent")} equivalent: ` +
    `${percentOf(tried).toFixed(1)} %`;
}

/** The share of those that can be noticed. */
function percentOf(tried: readonly Tried[]): number {
  const noticeable = tried.filter(({ verdict }) => verdict !== "equivalent");
  const noticed = noticeable.filter(({ verdict }) => verdict !== "survived");
  return 100 * noticed.length / Math.max(1, noticeable.length);
}

async function modulesByChance(
  graph: ImportGraph,
  random: Random,
): Promise<string[]> {
  const modules = graph.modules.filter((path) =>
    path.startsWith("src/") && !MEASURED.includes(path) &&
    graph.testsOf(path, 1).length > 0
  );
  const files: string[] = [];
  while (files.length < CHOSEN && modules.length > 0) {
    const [file = ""] = modules.splice(random(modules.length), 1);
    const text = await Deno.readTextFile(join(ROOT, file));
    if (text.split("\n").length <= MIN_LINES) continue;
    if (mutantsOf(text).length >= MIN_MUTANTS) files.push(file);
  }
  return files;
}

function anySeed(): string {
  return String(1 + Date.now() % 1_000_000);
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(text);
}

Deno.exit(await main() ? 0 : 1);
