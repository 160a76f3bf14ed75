/**
 * The commands of documents: what stands in blocks of `sh` and of `powershell`.
 *
 * @module
 */
import { read } from "../documents.ts";

/** A block of commands. */
export interface Block {
  /** The path of its document. */
  readonly document: string;
  /** What stands after the three backticks. */
  readonly language: string;
  /** The line of its first command, from 1. */
  readonly line: number;
  readonly text: string;
  /** The text of the document between the block before and this one. */
  readonly before: string;
}

/** All blocks of a document, of every language, in their order. */
export async function blocksOf(document: string): Promise<readonly Block[]> {
  const text = await read(document);
  let end = 0;
  return Array.from(
    text.matchAll(/^```([^\n]*)\n(.*?)^```\n/gms),
    ({ 0: whole, 1: language = "", 2: inner = "", index }) => {
      const block = {
        ...{ document, language, text: inner },
        line: text.slice(0, index).split("\n").length + 1,
        before: text.slice(end, index),
      };
      end = index + whole.length;
      return block;
    },
  );
}

/** A guide of `.github/guides/`, as a document. */
export function guide(name: string): string {
  return `.github/guides/${name}.md`;
}

/**
 * The commands of a block: a line each, with the lines that continue it, but
 * neither comments nor empty lines.
 */
export function commandsOf({ text, language }: Block): readonly string[] {
  const continued = language === "powershell" ? "`\n" : "\\\n";
  return text.replaceAll(continued, "\0").split("\n")
    .map((line) => line.replaceAll("\0", continued).trimEnd())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
