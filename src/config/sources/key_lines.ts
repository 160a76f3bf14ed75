// Finds the lines of a configuration file's options, for messages.
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from "yaml";

/** Where an option is in its file. Lines count from 1. */
export interface KeyLines {
  readonly line: number;
  /** The line of each item of a list, if they are known. */
  readonly items: readonly number[];
}

/** The lines of the options in a file that `parseFile` accepts. A line may be unknown. */
export function keyLines(
  path: string,
  text: string,
): ReadonlyMap<string, KeyLines> {
  return /\.toml$/i.test(path) ? linesOfToml(text) : linesOfYaml(text);
}

/** The line of a part of a file: keys and numbers of items lead to it. `undefined` if it is unknown. */
export type LineOf = (path: readonly (string | number)[]) => number | undefined;

/** Finds the lines of parts of a file. A missing part has the line of what it would be in. */
export function partLines(path: string, text: string): LineOf {
  // The parser of TOML has no positions.
  if (/\.toml$/i.test(path)) return () => undefined;
  const counter = new LineCounter();
  const { contents } = parseDocument(text, {
    schema: "failsafe",
    lineCounter: counter,
    prettyErrors: false,
  });
  return (parts) => {
    let node: unknown = contents;
    let line: number | undefined;
    for (const part of parts) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && key.value === part)
        : undefined;
      const at: unknown = pair?.key ??
        (isSeq(node) ? node.items[Number(part)] : undefined);
      if (!isNode(at) || !at.range) break;
      line = counter.linePos(at.range[0]).line;
      node = pair === undefined ? at : pair.value;
    }
    return line;
  };
}

function linesOfYaml(text: string): ReadonlyMap<string, KeyLines> {
  const counter = new LineCounter();
  const { contents } = parseDocument(text, {
    schema: "failsafe",
    lineCounter: counter,
    prettyErrors: false,
  });
  const found = new Map<string, KeyLines>();
  if (!isMap(contents)) return found;
  const lineOf = (node: unknown): number | undefined =>
    isNode(node) && node.range
      ? counter.linePos(node.range[0]).line
      : undefined;
  for (const { key, value } of contents.items) {
    const line = lineOf(key);
    if (!isScalar(key) || line === undefined) continue;
    const nodes = isSeq(value)
      ? value.items
      : isMap(value)
      ? value.items.map((pair) => pair.key)
      : [];
    const items = nodes.map((node) => lineOf(node) ?? line);
    found.set(String(key.value), { line, items });
  }
  return found;
}

/** `key = value` before the first table, and `[key]`. */
const TOML_KEY = /^\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*[.=]/;
const TOML_TABLE = /^\s*\[{1,2}\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))/;
const LONG_TEXT = /"""|'''/g;

/** The parser of TOML has no positions. */
function linesOfToml(text: string): ReadonlyMap<string, KeyLines> {
  const found = new Map<string, KeyLines>();
  let isInTable = false;
  let isInText = false;
  for (const [index, each] of text.split("\n").entries()) {
    const wasInText = isInText;
    if ((each.match(LONG_TEXT)?.length ?? 0) % 2 === 1) isInText = !isInText;
    if (wasInText) continue;
    const table = TOML_TABLE.exec(each);
    const match = table ?? (isInTable ? null : TOML_KEY.exec(each));
    if (table !== null) isInTable = true;
    if (match === null) continue;
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    if (!found.has(name)) found.set(name, { line: index + 1, items: [] });
  }
  return found;
}
