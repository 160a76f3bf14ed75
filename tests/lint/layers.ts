/**
 * Lint rule: a file imports from its own folder or from a lower layer.
 *
 * The table is the architecture; `.github/ARCHITECTURE.md` explains it.
 *
 * @module
 */

const LAYERS: readonly (readonly string[])[] = [
  ["async", "log", "metrics"],
  ["net"],
  ["http"],
  ["http1", "http2"],
  ["plugin"],
  ["tunnel", "proxy", "api", "config"],
  ["client", "server"],
  ["cli"],
];

const IN_SRC = /\/src\/([a-z_]+)\//;

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "down-only": {
      create(context) {
        const from = IN_SRC.exec(context.filename)?.[1];
        if (from === undefined) return {};
        const check = (node: { source: Deno.lint.StringLiteral | null }) => {
          if (!node.source?.value.startsWith(".")) return;
          const target = new URL(
            node.source.value,
            `file://${context.filename}`,
          );
          const to = IN_SRC.exec(target.pathname)?.[1];
          if (to === undefined || to === from) return;
          if (layerOf(to) < layerOf(from)) return;
          context.report({
            node: node.source,
            message: `"${from}" may not import "${to}"`,
            hint: "Pass it in, or move the shared part down a layer.",
          });
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
        };
      },
    },
  },
};

export default plugin;
