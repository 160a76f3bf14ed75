/**
 * `deno task mutate [FILES]`: changes modules a little, and asks their tests
 * whether they notice. Without files it takes ten modules by chance: of those
 * with 60 lines, 10 mutants and a test that are not in `measured.ts`.
 *
 * - `--sample=30`: mutants of each module; 25 when not given.
 * - `--tests=12`: test files that are asked about each module; 8 when not given.
 * - `--draw=7`: the same modules again.
 * - `--seed=7`: the same mutants of a module again, whatever the others are.
 * - `--least=95`: ends with status 1 when fewer percent are noticed.
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
      tests: { type: "string", default: "8" },
      draw: { type: "string", default: anySeed() },
      seed: { type: "string", default: anySeed() },
      least: { type: "string", default: "0" },
    },
  });
  const graph = await ImportGraph.read(ROOT);
  const files = positionals.length > 0
    ? positionals.map((path) => relative(ROOT, resolve(path)))
    : await modulesByChance(graph, randomFrom(Number(values.draw)));
  const drawn = positionals.length > 0 ? "" : ` --draw=${values.draw}`;
  say(`--seed=${values.seed}${drawn} ${files.join(" ")}`);
  const all: Tried[] = [];
  await using workspace = await Workspace.copy(ROOT);
  for (const file of files) {
    const before = all.length;
    await tryMutants(workspace, graph, file, {
      random: randomFrom(Number(values.seed)),
      sample: Number(values.sample),
      tests: Number(values.tests),
      equivalents: EQUIVALENTS,
      onTried: (tried) => {
        all.push(tried);
        const { verdict } = tried;
        if (verdict === "survived" || verdict === "too long") {
          say(`${verdict} ${lineOf(tried)}`);
        }
      },
    });
    say(`${file}: ${summaryOf(all.slice(before))}`);
  }
  say(summaryOf(all));
  return percentOf(all) >= Number(values.least);
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
