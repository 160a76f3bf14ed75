/**
 * Which tests to ask about a module: its own, then those that are the fewest
 * imports away.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";

/** Tests that take minutes. */
const TOO_SLOW = /^tests\/(?:system|security|bench|release|mutate)\//;

/** Tests that start programs come here for it: one of them takes longer than many others. */
const STARTS_PROGRAMS = "tests/testing/process.ts";

/** Imports of types load nothing. */
const IMPORT = /^(?:import|export)(?! type\b)[^"';]*?from\s+"(\.[^"]+)"/gm;

/** The imports of all modules below a root. */
export class ImportGraph {
  /** Module → those that import it. All paths are relative to the root. */
  readonly #importers: ReadonlyMap<string, readonly string[]>;

  private constructor(importers: ReadonlyMap<string, readonly string[]>) {
    this.#importers = importers;
  }

  /** Reads `src/` and `tests/` below `root`. */
  static async read(root: string): Promise<ImportGraph> {
    const importers = new Map<string, string[]>();
    for (const folder of ["src", "tests"]) {
      for await (const path of modulesIn(join(root, folder))) {
        const text = await Deno.readTextFile(path);
        for (const [, specifier = ""] of text.matchAll(IMPORT)) {
          const target = relative(root, join(dirname(path), specifier));
          const known = importers.get(target);
          if (known === undefined) {
            importers.set(target, [relative(root, path)]);
          } else known.push(relative(root, path));
        }
      }
    }
    return new ImportGraph(importers);
  }

  /** All modules that another one imports. */
  get modules(): string[] {
    return [...this.#importers.keys()].toSorted();
  }

  /** At most `count` tests of the module: its own first, then by distance and name. */
  testsOf(module: string, count: number): string[] {
    const starting = new Set([...this.#importersOf(STARTS_PROGRAMS)].flat());
    const found = [...this.#importersOf(module)]
      .flatMap((layer) => layer.filter(isTest));
    const own = mirrorOf(module);
    const others = found.filter((path) => path !== own && !starting.has(path));
    return [...found.includes(own) ? [own] : [], ...others].slice(0, count);
  }

  /** All that import the module, those that are as far away together. */
  *#importersOf(module: string): Generator<string[]> {
    const seen = new Set([module]);
    for (let layer = [module]; layer.length > 0;) {
      const next = layer.flatMap((path) => this.#importers.get(path) ?? [])
        .filter((path) => !seen.has(path)).toSorted();
      layer = [...new Set(next)];
      for (const path of layer) seen.add(path);
      yield layer;
    }
  }
}

/** The path of a module's own test. */
export function mirrorOf(module: string): string {
  return module.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts");
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
