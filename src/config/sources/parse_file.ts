// Parses configuration files: YAML, JSON or TOML. JSON is parsed as YAML, which
// reports the position of an error.
import { parse as parseToml, TomlError } from "smol-toml";
import { LineCounter, parseDocument } from "yaml";

import { ConfigError } from "../errors.ts";

/**
 * Parses the text of a file into plain data. The extension of `path` decides
 * the format: `.toml` is TOML, everything else YAML. YAML values stay text, so
 * that a tunnel called `007` or `1e3` keeps its name.
 *
 * @param isTyped Converts YAML values to numbers and other types, as YAML does.
 *
 * @throws {ConfigError} `badFile`, with line and column.
 */
export function parseFile(
  path: string,
  text: string,
  { isTyped = false }: { readonly isTyped?: boolean } = {},
): unknown {
  if (/\.toml$/i.test(path)) return readToml(path, text);
  return readYaml(path, text, isTyped);
}

function readYaml(path: string, text: string, isTyped: boolean): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...isTyped
      ? { schema: "core" }
      : { schema: "failsafe", customTags: ["null"] },
    lineCounter: lines,
    prettyErrors: false,
  });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line, col } = lines.linePos(mistake.pos[0]);
    throw broken(path, { line, column: col, reason: mistake.message });
  }
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without an anchor, or so many that they are an attack.
    throw new ConfigError(
      "badFile",
      `Cannot read "${path}": it has an unknown alias or too many aliases, ` +
        "write the values out",
      { cause },
    );
  }
}

function readToml(path: string, text: string): unknown {
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const { line, column, message } = cause;
    const reason = message.replace(/^Invalid TOML document: /, "");
    throw broken(path, { line, column, reason });
  }
}

/** Removes quoted content from the reason, because it may be a secret. */
function broken(
  path: string,
  { line, column, reason }: {
    readonly line: number;
    readonly column: number;
    readonly reason: string;
  },
): ConfigError {
  const [first = ""] = reason.split("\n");
  const problem = first.replace(/: ".*$/, "").replace(/^[A-Z](?=[a-z])/, lower);
  return new ConfigError(
    "badFile",
    `Cannot read "${path}": ${problem} at line ${line}, column ${column}`,
  );
}

function lower(letter: string): string {
  return letter.toLowerCase();
}
