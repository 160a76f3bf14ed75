/**
 * Writes the types of plugins as one file that needs nothing else:
 * `sallyport plugin new` puts it beside a new plugin, and the examples in
 * `plugins/` use it. `deno task types` writes it again from `src/plugin/api/`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const ENTRY = new URL("src/plugin/api/plugin.ts", ROOT);

/** The name of the file. */
export const TYPES_FILE = "sallyport_plugin.d.ts";

/** Where it stands. */
export const COPIES: readonly URL[] = [
  new URL(`src/cli/plugin/${TYPES_FILE}`, ROOT),
  new URL(`plugins/${TYPES_FILE}`, ROOT),
];

const IMPORT = /^import type [^;]*? from "(\.\/[^"]+)";\n/gm;
/** Declarations that are code, which a plugin cannot import. */
const CODE = /^(?:export )?(?:const|let|function|class|enum)\b.*$/m;

/** The text of the file. */
export async function pluginTypes(): Promise<string> {
  const parts: string[] = [];
  for (const file of await filesFrom(ENTRY)) {
    const text = await Deno.readTextFile(file);
    const [code] = CODE.exec(text) ?? [];
    if (code !== undefined) {
      throw new Error(`${fileURLToPath(file)} has more than types: ${code}`);
    }
    parts.push(ownText(text, file.href === ENTRY.href));
  }
  return parts.join("\n");
}

/** The file and all it imports, in the order of the imports. */
async function filesFrom(entry: URL): Promise<readonly URL[]> {
  const files = [entry];
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    for (const [, path = ""] of text.matchAll(IMPORT)) {
      const target = new URL(path, file);
      const isKnown = files.some(({ href }) => href === target.href);
      if (!isKnown) files.push(target);
    }
  }
  return files;
}

/** A file without its imports; only the first one keeps what its head says. */
function ownText(text: string, isFirst: boolean): string {
  const own = text.replace(IMPORT, "")
    .replace(/"\.\/\w+\.ts"/g, `"./${TYPES_FILE}"`)
    .replace(/^([ *]*)```ts$/gm, "$1```ts ignore")
    .trimStart();
  return isFirst ? own : own.replace(/^\/\*(?!\*).*?\*\/\s*/s, "");
}

if (import.meta.main) {
  const text = await pluginTypes();
  for (const copy of COPIES) await Deno.writeTextFile(copy, text);
}
