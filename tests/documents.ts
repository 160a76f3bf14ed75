/** The documents of this repository, as the tests of documents read them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const PROJECT: string = fileURLToPath(new URL("..", import.meta.url));

/** Made by tools, or not ours. */
const NOT_SOURCE: readonly string[] = [
  ".git",
  "coverage",
  "deno.lock",
  "dist",
  "node_modules",
];

/** All files of a folder, as paths from the repository's folder. */
export async function* sources(folder = ""): AsyncGenerator<string> {
  for await (
    const { name, isDirectory } of Deno.readDir(join(PROJECT, folder))
  ) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (NOT_SOURCE.includes(path)) continue;
    if (isDirectory) yield* sources(path);
    else yield path;
  }
}

/** The text of a file, by its path from the repository's folder. */
export async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(PROJECT, path));
}

/** Everything that people read: all Markdown files but the templates of issues. */
export const DOCUMENTS: readonly string[] = (await Array.fromAsync(sources()))
  .filter((path) => path.endsWith(".md") && !path.includes("_TEMPLATE"))
  .toSorted();

/** The guides for users, the README and the introduction to plugins. */
export const GUIDES: readonly string[] = DOCUMENTS.filter((path) =>
  path.startsWith(".github/guides/") ||
  ["README.md", "plugins/README.md"].includes(path)
);

/** A document without code, comments and tables, each link as its text. */
export function proseOf(text: string): string {
  return text
    .replace(/<!--.*?-->/gs, "")
    .replace(/^( *)```.*?^\1```$/gms, "")
    .replace(/^ {4,}\S.*$/gm, (line) => /^ +[-\d]/.test(line) ? line : "")
    .replace(/^\|.*$/gm, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** How many words a text has: what holds a letter or a digit. */
export function countWords(text: string): number {
  return (text.match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length;
}

/** The sentences of a document: a heading, a list item and a paragraph end one. */
export function sentencesOf(text: string): readonly string[] {
  return proseOf(text)
    .split(/\n\s*\n|\n(?= *(?:[-*]|\d+\.) )|\n(?=#)/)
    .map((block) => block.replaceAll(/\s+/g, " ").trim())
    .filter((block) => block !== "" && !block.startsWith("#"))
    .flatMap((block) =>
      block.split(/(?<=[.!?][)"_*]*) (?=[\p{Lu}\p{N}`_*"…(])/u)
    )
    .filter((sentence) => countWords(sentence) > 0);
}
