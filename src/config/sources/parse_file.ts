/**
 * The text of a configuration file to plain data: YAML, JSON or TOML.
 *
 * JSON is read as the YAML it is, so that both say where a mistake is.
 *
 * @module
 */
import { parse as parseToml, TomlError } from "smol-toml";
import { LineCounter, parseDocument } from "yaml";

import { ConfigError } from "../errors.ts";

/**
 * Plain data from the text of a file. The format follows from the extension of
 * `path`: `.toml`, otherwise YAML. YAML values stay the text that was written:
 * a tunnel called `007` or `1e3` keeps its name.
 *
 * @param isTyped Reads YAML values as numbers and so on, as YAML itself does.
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
      `Cannot read "${path}": its aliases lead nowhere or are too many, ` +
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

/** The reason loses what quotes the file: it may be a secret. */
function broken(
  path: string,
  { line, column, reason }: {
    readonly line: number;
    readonly column: number;
    readonly reason: string;
  },
): ConfigError {
  const [first = ""] = reason.split("\n");
  const words = first.replace(/: ".*$/, "").replace(/^[A-Z](?=[a-z])/, lower);
  return new ConfigError(
    "badFile",
    `Cannot read "${path}": ${words} at line ${line}, column ${column}`,
  );
}

function lower(letter: string): string {
  return letter.toLowerCase();
}
