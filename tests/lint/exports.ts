/**
 * Finds names that two files export: nothing exported has two meanings.
 *
 * @module
 */

/** A declaration that is exported under its own name. */
const EXPORTED =
  /^export (?:declare )?(?:default )?(?:abstract )?(?:async )?(?:const|let|function|class|interface|type|enum)\*? (\w+)/gm;

/**
 * The names that more than one file declares and exports.
 *
 * @param sources The text of each file, by path.
 * @returns One line a name: `name: path, path`.
 */
export function exportedTwice(
  sources: Iterable<readonly [path: string, text: string]>,
): readonly string[] {
  const homes = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    for (const [, name = ""] of text.matchAll(EXPORTED)) {
      homes.set(name, (homes.get(name) ?? new Set()).add(path));
    }
  }
  return [...homes].filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name}: ${[...paths].sort().join(", ")}`);
}
