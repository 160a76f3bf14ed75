/**
 * Which tests to ask about a module: its own, those of the part that it belongs
 * to, and those that go through it. A test goes through a module when it
 * imports it, or a part that imports it.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";

/** Tests that take minutes. */
const TOO_SLOW = /^tests\/(?:system|security|bench|release|mutate)\//;

/** Tests that start programs come here for it: one of them takes longer than many others. */
const STARTS_PROGRAMS = "tests/testing/process.ts";

/** How many imports away a test may be. Behind a part that owns the module, nobody looks at it. */
const STEPS = 2;

/** Imports of types load nothing. */
const IMPORT = /^(?:import|export)(?! type\b)[^"';]*?from\s+"(\.[^"]+)"/gm;

/** The imports of all modules below a root. */
export class ImportGraph {
  /** Module → those that import it. All paths are relative to the root. */
  readonly #importers: ReadonlyMap<string, readonly string[]>;
  /** Module → those it imports. */
  readonly #imported: ReadonlyMap<string, readonly string[]>;
  /** Test → how many modules it loads. */
  readonly #loads = new Map<string, number>();
  /** Tests that start programs. */
  readonly #starting: ReadonlySet<string>;

  private constructor(
    importers: ReadonlyMap<string, readonly string[]>,
    imported: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#importers = importers;
    this.#imported = imported;
    this.#starting = new Set([...layers(STARTS_PROGRAMS, importers)].flat());
  }

  /** Reads `src/` and `tests/` below `root`. */
  static async read(root: string): Promise<ImportGraph> {
    const importers = new Map<string, string[]>();
    const imported = new Map<string, string[]>();
    for (const folder of ["src", "tests"]) {
      for await (const file of modulesIn(join(root, folder))) {
        const path = relative(root, file);
        const text = await Deno.readTextFile(file);
        const targets = [...text.matchAll(IMPORT)].map(([, specifier = ""]) =>
          relative(root, join(dirname(file), specifier))
        );
        imported.set(path, targets);
        for (const target of targets) {
          const known = importers.get(target);
          if (known === undefined) importers.set(target, [path]);
          else known.push(path);
        }
      }
    }
    return new ImportGraph(importers, imported);
  }

  /** All modules that another one imports. */
  get modules(): string[] {
    return [...this.#importers.keys()].toSorted();
  }

  /**
   * At most `count` tests of the module: its own first, then those of its
   * folder and of the folders above, then others that go through it, then the
   * rest of its part. Nearer ones come first, then those that load fewer
   * modules. Tests that start programs are the last. When none is near enough,
   * the nearest are taken.
   */
  testsOf(module: string, count: number): string[] {
    const own = mirrorOf(module);
    const folder: string[] = [];
    const near: string[] = [];
    const part: string[] = [];
    let away = 0;
    for (const layer of layers(module, this.#importers)) {
      away++;
      const tests = this.#cheapestFirst(layer.filter(isTest));
      const isFirst = folder.length + near.length === 0;
      for (const path of tests) {
        if (isAbove(path, own)) folder.push(path);
        else if (away <= STEPS) near.push(path);
        else if (partOf(path) === partOf(own)) part.push(path);
        else if (isFirst && part.length === 0) near.push(path);
      }
    }
    const found = [...folder, ...near, ...part]
      .filter((path) => path !== own);
    return [
      ...this.#imported.has(own) ? [own] : [],
      ...found.filter((path) => !this.#starting.has(path)),
      ...found.filter((path) => this.#starting.has(path)),
    ].slice(0, count);
  }

  #cheapestFirst(tests: readonly string[]): string[] {
    return tests.toSorted((a, b) => this.#loadsOf(a) - this.#loadsOf(b));
  }

  #loadsOf(test: string): number {
    const known = this.#loads.get(test);
    if (known !== undefined) return known;
    const loads = [...layers(test, this.#imported)].flat().length;
    this.#loads.set(test, loads);
    return loads;
  }
}

/** All that can be reached, those that are as far away together, by name. */
function* layers(
  from: string,
  edges: ReadonlyMap<string, readonly string[]>,
): Generator<string[]> {
  const seen = new Set([from]);
  for (let layer = [from]; layer.length > 0;) {
    const next = layer.flatMap((path) => edges.get(path) ?? [])
      .filter((path) => !seen.has(path)).toSorted();
    layer = [...new Set(next)];
    for (const path of layer) seen.add(path);
    yield layer;
  }
}

/** The path of a module's own test. */
export function mirrorOf(module: string): string {
  return module.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
}

/** Whether a test is in the folder of a module's own, or in one above that is still of its part. */
function isAbove(test: string, own: string): boolean {
  const folder = dirname(test);
  return folder !== "tests" && `${dirname(own)}/`.startsWith(`${folder}/`);
}

/** `plugin` of a test of plugins. */
function partOf(test: string): string | undefined {
  return test.split("/").at(1);
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts") && !TOO_SLOW.test(path);
}

async function* modulesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* modulesIn(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
