/* Finds the imports of a module with a parser, before any of its code runs. */

/** One import of a module. Type imports are left out: they load nothing. */
export interface FoundImport {
  /** The specifier; `undefined` when the module computes it at run time. */
  readonly specifier: string | undefined;
  /** The value of `with { type: "…" }`. */
  readonly type: string | undefined;
  /** Position of the specifier in the text, with its quotes. */
  readonly start: number;
  readonly end: number;
  /** Line and column: `3:8`. */
  readonly location: string;
}

/** What the parser found in a module. */
export interface ParsedModule {
  /** In the order of the text. */
  readonly imports: readonly FoundImport[];
  /** Positions of `import.meta`. */
  readonly metas: readonly { readonly start: number; readonly end: number }[];
}

/** A module with invalid syntax. */
export class ModuleSyntaxError extends SyntaxError {
  /** Line and column: `3:8`. */
  readonly location: string;

  /** @param location Line and column. */
  constructor(reason: string, location: string, options: ErrorOptions) {
    super(reason, options);
    this.location = location;
  }
}

/** The part of a syntax tree node that is used. */
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
  // Loaded with the first plugin: clients without plugins start faster.
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

/** Every node of a tree. It uses its own stack: a deep tree cannot overflow the program's. */
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

/** The type in `import(x, options)`, or "computed" when it is not a literal. */
function typeOf(options: unknown): string | undefined {
  if (options === undefined || options === null) return undefined;
  const [entry, ...others] = propertiesOf(options);
  if (nameOf(entry?.["key"]) !== "with" || others.length > 0) return COMPUTED;
  return typeIn(propertiesOf(entry?.["value"]));
}

/** The value of `type` among attributes, or "computed" for other attributes. */
function typeIn(attributes: unknown): string | undefined {
  if (!Array.isArray(attributes) || attributes.length === 0) return undefined;
  const [first, ...others]: unknown[] = attributes;
  if (!isSubNode(first) || others.length > 0) return COMPUTED;
  const { key, value, computed } = first;
  const isType = (nameOf(key) ?? textOf(key)) === "type" && computed !== true;
  return isType ? textOf(value) ?? COMPUTED : COMPUTED;
}

/** Not a type of any module, so that it is refused. */
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
