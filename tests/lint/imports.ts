/**
 * What the rules about imports share: finding every way in which a file names
 * another one.
 *
 * @module
 */

/** One mention of another module. */
export interface Import {
  /** As written: `hono`, `./dial.ts`. */
  readonly specifier: string;
  /** The path it means when it is a relative one. */
  readonly target: string | undefined;
  /** Whether only types are taken, so that nothing is left at run time. */
  readonly typeOnly: boolean;
  /** Whether its text is taken: `with { type: "text" }`. */
  readonly isText: boolean;
}

/** The path of the file that is checked, with `/`; on Windows it has `\\` and a drive. */
export function pathOf(
  { filename }: Pick<Deno.lint.RuleContext, "filename">,
): string {
  return filename.replaceAll("\\", "/").replace(/^(?=[A-Za-z]:\/)/, "/");
}

const IN_SRC = /\/src\/([a-z0-9_]+)\//;

/** The folder of `src/` that `path` lies in, sub-folders counted to the first. */
export function folderOf(path: string): string | undefined {
  return IN_SRC.exec(path)?.[1];
}

/** What `path` lies in below that folder: an inner folder, or the file itself. */
export function roomOf(path: string): string {
  return /\/src\/[a-z0-9_]+\/([^/]+)/.exec(path)?.[1] ?? "";
}

/** Calls `check` for every import, re-export, `import()` and `typeof import()` with a literal name. */
export function onImports(
  context: Deno.lint.RuleContext,
  check: (node: Deno.lint.Node, found: Import) => void,
): Deno.lint.LintVisitor {
  function visit(
    node: Deno.lint.Node,
    source: Deno.lint.Node | null,
    typeOnly: boolean,
    isText = false,
  ): void {
    if (source?.type !== "Literal") return;
    const specifier = source.value;
    if (typeof specifier !== "string") return;
    const target = specifier.startsWith(".")
      ? new URL(specifier, `file://${pathOf(context)}`).pathname
      : undefined;
    check(node, { specifier, target, typeOnly, isText });
  }

  return {
    ImportDeclaration: (node) =>
      visit(
        node,
        node.source,
        node.importKind === "type",
        node.attributes.some(({ value }) => value.value === "text"),
      ),
    ExportNamedDeclaration: (node) =>
      visit(node, node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) =>
      visit(node, node.source, node.exportKind === "type"),
    ImportExpression: (node) => visit(node, node.source, false),
    TSImportType: ({ argument }) =>
      argument.type === "TSLiteralType" &&
      visit(argument, argument.literal, true),
  };
}
