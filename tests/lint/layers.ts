/**
 * Lint rules: which way imports may go.
 *
 * - `down-only`: a file imports from its own folder or from a lower layer.
 * - `product-only`: the product imports neither tests nor plugins.
 * - `no-cycle`: the files of one folder do not import each other in a circle.
 *   Imports of types alone may: nothing of them is left at run time.
 *
 * The table is the architecture; `.github/ARCHITECTURE.md` explains it.
 *
 * @module
 */
import { folderOf, onImports } from "./imports.ts";

/** The folders of `src/`, lowest layer first; folders of one layer do not know each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ["async", "log", "metrics"],
  ["net"],
  ["http", "pac"],
  ["http1", "http2"],
  ["http_server", "plugin"],
  ["tunnel", "proxy", "api", "config"],
  ["web"],
  ["inspector"],
  ["client", "server"],
  ["cli"],
];

/** `import … from "./x.ts"` and `export … from "./x.ts"`, not those of types alone. */
const VALUE_IMPORT =
  /^(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s+)?"(\.[^"]+\.ts)"/gm;

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

function downOnly(from: string, to: string): string | undefined {
  for (const folder of [from, to]) {
    if (layerOf(folder) < 0) return `"${folder}" has no layer`;
  }
  if (to === from || layerOf(to) < layerOf(from)) return undefined;
  return `"${from}" may not import "${to}"`;
}

/** The files that `file` imports by value and that lie in its own folder. */
function neighboursOf(file: string): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    // An import of a file that is not there is the type checker's to report.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return Array.from(
    text.matchAll(VALUE_IMPORT),
    (match) => new URL(match[1] ?? "", `file://${file}`).pathname,
  ).filter((target) => folderOf(target) === folderOf(file));
}

/** Whether `to` can be reached from `from` by following imports. */
function reaches(from: string, to: string): boolean {
  const seen = new Set<string>();
  const waiting = [from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (file === to) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    waiting.push(...neighboursOf(file));
  }
  return false;
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "down-only": {
      create: (context) =>
        onImports(context, (node, { target }) => {
          const from = folderOf(context.filename);
          const to = target && folderOf(target);
          if (from === undefined || to === undefined) return;
          const message = downOnly(from, to);
          if (message === undefined) return;
          context.report({
            node,
            message,
            hint: "Pass it in, or move the shared part down a layer.",
          });
        }),
    },
    "product-only": {
      create: (context) =>
        onImports(context, (node, { target }) => {
          if (!/\/(src\/.+|main|mod)\.ts$/.test(context.filename)) return;
          const outside = target && /\/(tests|plugins)\//.exec(target)?.[1];
          if (!outside || target.includes("/src/")) return;
          context.report({
            node,
            message: `The product may not import "${outside}/"`,
            hint: "What both need belongs in src/.",
          });
        }),
    },
    "no-cycle": {
      create: (context) =>
        onImports(context, (node, { target, typeOnly }) => {
          const folder = folderOf(context.filename);
          if (folder === undefined || typeOnly || !target) return;
          if (folderOf(target) !== folder) return;
          if (!reaches(target, context.filename)) return;
          context.report({
            node,
            message: "This import leads back to the file it stands in",
            hint: "Find what both need and give it a file of its own.",
          });
        }),
    },
  },
};

export default plugin;
