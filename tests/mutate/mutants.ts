/**
 * Small changes to a module that its tests should notice. They are found in the
 * syntax tree: nothing in types, comments and imports is changed.
 *
 * @module
 */
import { parse } from "@babel/parser";

/** One change. */
export interface Mutant {
  /** Positions of the text that is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Of the start, from 1. */
  readonly line: number;
  readonly operator: Operator;
}

/** The kinds of change. */
export type Operator =
  | "comparison"
  | "arithmetic"
  | "boolean"
  | "constant"
  | "removed statement"
  | "removed exit";

/** The part of a syntax tree node that is used. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [key: string]: unknown;
}

/** What a mutant is before it is known where it stands. */
type Change = Pick<Mutant, "operator" | "start" | "end" | "replacement">;

/** Operators → what they become, and of which kind that is. */
const SWAPS: ReadonlyMap<string, readonly [string, Operator]> = new Map([
  ["===", ["!==", "comparison"]],
  ["!==", ["===", "comparison"]],
  ["<", ["<=", "comparison"]],
  ["<=", ["<", "comparison"]],
  [">", [">=", "comparison"]],
  [">=", [">", "comparison"]],
  ["+", ["-", "arithmetic"]],
  ["-", ["+", "arithmetic"]],
  ["*", ["/", "arithmetic"]],
  ["/", ["*", "arithmetic"]],
  ["%", ["*", "arithmetic"]],
  ["<<", [">>", "arithmetic"]],
  [">>", ["<<", "arithmetic"]],
  [">>>", ["<<", "arithmetic"]],
  ["&", ["|", "arithmetic"]],
  ["|", ["&", "arithmetic"]],
  ["+=", ["-=", "arithmetic"]],
  ["-=", ["+=", "arithmetic"]],
  ["&&", ["||", "boolean"]],
  ["||", ["&&", "boolean"]],
]);

/** Below it, each number counts: positions, digits, bytes. */
const SMALL = 16;

/** All mutants of a module in TypeScript, in the order of its text. */
export function mutantsOf(text: string): Mutant[] {
  const { program } = parse(text, {
    sourceType: "module",
    plugins: ["typescript"],
  });
  const mutants: Mutant[] = [];
  for (const node of nodesOf(program)) {
    for (const change of changesTo(node, text)) {
      mutants.push({ ...change, line: lineAt(text, change.start) });
    }
  }
  return mutants.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** The text of the module with this change. */
export function applied(text: string, mutant: Mutant): string {
  const { start, end, replacement } = mutant;
  return text.slice(0, start) + replacement + text.slice(end);
}

/** `a < b → a <= b`, in one line. */
export function changeOf(text: string, mutant: Mutant): string {
  const before = oneLine(text.slice(mutant.start, mutant.end));
  return `${before} → ${oneLine(mutant.replacement) || "nothing"}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function changesTo(node: Node, text: string): Change[] {
  const whole = { start: node.start, end: node.end };
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression":
      return swapOf(node, text);
    case "UnaryExpression": {
      const argument = childOf(node, "argument");
      if (node["operator"] !== "!" || argument === undefined) return [];
      const replacement = text.slice(argument.start, argument.end);
      return [{ operator: "boolean", ...whole, replacement }];
    }
    case "BooleanLiteral": {
      const replacement = String(node["value"] === false);
      return [{ operator: "boolean", ...whole, replacement }];
    }
    case "NumericLiteral": {
      const value = Number(node["value"]);
      // Nobody needs to notice that 250 ms are 251.
      const replacement = String(value < SMALL ? value + 1 : value * 2);
      return [{ operator: "constant", ...whole, replacement }];
    }
    case "ConditionalExpression": {
      const test = childOf(node, "test");
      if (test === undefined) return [];
      const { start, end } = test;
      const replacement = `!(${text.slice(start, end)})`;
      return [{ operator: "boolean", start, end, replacement }];
    }
    case "ExpressionStatement":
      return isSuper(node)
        ? []
        : [{ operator: "removed statement", ...whole, replacement: ";" }];
    case "IfStatement":
      return isExit(childOf(node, "consequent")) && node["alternate"] === null
        ? [{ operator: "removed exit", ...whole, replacement: ";" }]
        : [];
    default:
      return [];
  }
}

/** The change of an operator between two operands. */
function swapOf(node: Node, text: string): Change[] {
  const name = String(node["operator"]);
  const [swapped, operator] = SWAPS.get(name) ?? [];
  const left = childOf(node, "left");
  const right = childOf(node, "right");
  if (swapped === undefined || operator === undefined) return [];
  if (left === undefined || right === undefined) return [];
  if (name.startsWith("+") && [left, right].some(isText)) return [];
  const start = text.indexOf(name, left.end);
  // A bracket can stand between operand and operator, not the operator's text.
  return [{ operator, start, end: start + name.length, replacement: swapped }];
}

/** Whether a node is text, so that `+` joins. */
function isText(node: Node): boolean {
  if (node.type === "BinaryExpression") {
    return ["left", "right"].some((name) => {
      const child = childOf(node, name);
      return child !== undefined && isText(child);
    });
  }
  return node.type === "StringLiteral" || node.type === "TemplateLiteral";
}

function isSuper(node: Node): boolean {
  const expression = childOf(node, "expression");
  return expression?.type === "CallExpression" &&
    childOf(expression, "callee")?.type === "Super";
}

/** `return`, `throw`, `continue` or `break`, alone or in a block. */
function isExit(node: Node | undefined): boolean {
  if (node?.type === "BlockStatement") {
    const body = node["body"];
    return Array.isArray(body) && isNode(body.at(-1)) && isExit(body.at(-1));
  }
  return /^(?:Return|Throw|Continue|Break)Statement$/.test(node?.type ?? "");
}

/** All nodes that run. Of what only the type checker reads, only the expressions inside. */
function* nodesOf(node: unknown): Generator<Node> {
  if (!isNode(node)) return;
  if (node.type === "ImportDeclaration") return;
  const isType = node.type.startsWith("TS");
  const expression = childOf(node, "expression");
  if (isType && expression !== undefined) yield* nodesOf(expression);
  if (isType) return;
  yield node;
  for (const [key, value] of Object.entries(node)) {
    if (key === "loc" || key.endsWith("Comments")) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      yield* nodesOf(child);
    }
  }
}

function childOf(node: Node, name: string): Node | undefined {
  const child = node[name];
  return isNode(child) ? child : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null &&
    "type" in value && typeof value.type === "string" &&
    "start" in value && typeof value.start === "number";
}
