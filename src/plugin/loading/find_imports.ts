/**
 * Finds the imports of a module with a parser, before anything of it runs.
 *
 * @module
 */

/** One import of a module. Imports of types alone are left out: nothing of them is loaded. */
export interface FoundImport {
  /** What is imported; `undefined` when the module computes it as it runs. */
  readonly specifier: string | undefined;
  /** The value of `with { type: "…" }`. */
  readonly type: string | undefined;
  /** Where the specifier stands in the text, its quotes included. */
  readonly start: number;
  readonly end: number;
  /** Line and column: `3:8`. */
  readonly location: string;
}

/** What is known of a module's text. */
export interface ParsedModule {
  /** In the order of the text. */
  readonly imports: readonly FoundImport[];
  /** Where `import.meta` stands. */
  readonly metas: readonly { readonly start: number; readonly end: number }[];
}

/** A text that the parser cannot read. */
export class ModuleSyntaxError extends SyntaxError {
  /** Line and column: `3:8`. */
  readonly location: string;

  /** @param location Line and column. */
  constructor(reason: string, location: string, options: ErrorOptions) {
    super(reason, options);
    this.location = location;
  }
}

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: Position };
  readonly [key: string]: unknown;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the imports of a module in TypeScript or JavaScript. @throws {ModuleSyntaxError} */
export async function findImports(text: string): Promise<ParsedModule> {
  const imports: FoundImport[] = [];
  const metas: { start: number; end: number }[] = [];
  for (const node of nodesOf(await parsed(text))) {
    if (node.type === "MetaProperty" && nameOf(node["meta"]) === "import") {
      metas.push({ start: node.start, end: node.end });
    }
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
  }
  const inOrder = (a: { start: number }, b: { start: number }): number =>
    a.start - b.start;
  return { imports: imports.sort(inOrder), metas: metas.sort(inOrder) };
}

async function parsed(text: string): Promise<unknown> {
  // Loaded when there is a plugin: clients without one start sooner.
  const { parse } = await import("@babel/parser");
  try {
    return parse(text, {
      sourceType: "module",
      plugins: ["typescript", "decorators", "decoratorAutoAccessors"],
    }).program;
  } catch (cause) {
    if (!(cause instanceof SyntaxError) || !hasPosition(cause)) throw cause;
    const { line, column } = cause.loc;
    // The parser repeats the position in its message.
    const reason = cause.message.replace(/ \(\d+:\d+\)$/, "");
    throw new ModuleSyntaxError(reason, `${line}:${column + 1}`, { cause });
  }
}

function hasPosition(
  error: SyntaxError,
): error is SyntaxError & { readonly loc: Position } {
  return "loc" in error;
}

/** Every node of a tree. A stack of our own: a deep tree does not end the program's. */
function* nodesOf(root: unknown): Generator<Node> {
  const waiting = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) continue;
    if (isNode(value)) yield value;
    for (const part of Object.values(value)) waiting.push(part);
  }
}

function isNode(value: object): value is Node {
  return "type" in value && typeof value.type === "string" && "loc" in value;
}

function importOf(node: Node): FoundImport | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration": {
      const { source, importKind, exportKind } = node;
      if (!isSubNode(source)) return undefined;
      if (importKind === "type" || exportKind === "type") return undefined;
      return found(source, typeIn(node["attributes"]));
    }
    case "ImportExpression": {
      const { source, options } = node;
      return isSubNode(source) ? found(source, typeOf(options)) : undefined;
    }
    // import x = require("y")
    case "TSExternalModuleReference":
      return found(node, undefined);
  }
  return undefined;
}

/** An import whose specifier is `source`. */
function found(source: Node, type: string | undefined): FoundImport {
  const { start, end, loc: { start: { line, column } } } = source;
  const location = `${line}:${column + 1}`;
  return { specifier: textOf(source), type, start, end, location };
}

/** The text of a literal. */
function textOf(node: unknown): string | undefined {
  if (!isSubNode(node) || node.type !== "StringLiteral") return undefined;
  const { value } = node;
  return typeof value === "string" ? value : undefined;
}

/** What stands in `import(x, options)`; what is not plain is said to be "computed". */
function typeOf(options: unknown): string | undefined {
  if (options === undefined || options === null) return undefined;
  const [entry, ...others] = propertiesOf(options);
  if (nameOf(entry?.["key"]) !== "with" || others.length > 0) return COMPUTED;
  return typeIn(propertiesOf(entry?.["value"]));
}

/** The value of `type` among attributes; others are not known, and said to be "computed". */
function typeIn(attributes: unknown): string | undefined {
  if (!Array.isArray(attributes) || attributes.length === 0) return undefined;
  const [first, ...others]: unknown[] = attributes;
  if (!isSubNode(first) || others.length > 0) return COMPUTED;
  const { key, value, computed } = first;
  const isType = (nameOf(key) ?? textOf(key)) === "type" && computed !== true;
  return isType ? textOf(value) ?? COMPUTED : COMPUTED;
}

/** No type of a module. */
const COMPUTED = "computed";

function propertiesOf(node: unknown): readonly Node[] {
  if (!isSubNode(node) || node.type !== "ObjectExpression") return [];
  const { properties } = node;
  return Array.isArray(properties) ? properties.filter(isSubNode) : [];
}

function nameOf(node: unknown): string | undefined {
  if (!isSubNode(node) || node.type !== "Identifier") return undefined;
  const { name } = node;
  return typeof name === "string" ? name : undefined;
}

function isSubNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && isNode(value);
}
