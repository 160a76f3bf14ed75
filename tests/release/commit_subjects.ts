/**
 * The rule about the subjects of commits, and where commits are read from.
 *
 * @module
 */
import { run } from "../testing/process.ts";

/** The commits up to this one are older than the rule. */
export const LAST_WITHOUT_RULE = "453efc577ed5db241d514cd014f447530bf4b8f3";

const MAX_LENGTH = 60;

/** https://www.conventionalcommits.org/ with a scope in small letters. */
const CONVENTIONAL =
  /^(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([a-z0-9_-]+\))?!?: \S/;

/** What is wrong with a subject; `undefined` when nothing is. */
export function troubleOf(subject: string): string | undefined {
  const { length } = [...subject];
  if (length > MAX_LENGTH) {
    return `"${subject}" has ${length} characters, at most ${MAX_LENGTH}`;
  }
  if (!CONVENTIONAL.test(subject)) {
    return `"${subject}" is not conventional: "fix(proxy): keep the order"`;
  }
  return undefined;
}

/**
 * The subjects of the commits after `base`, without merges. A test that calls
 * it needs git.
 *
 * @returns `undefined` where the history cannot be read back to `base`: in a
 * folder without git, in a shallow clone, in a history without that commit.
 */
export async function subjectsSince(
  base: string,
  folder: string,
): Promise<readonly string[] | undefined> {
  const git = async (...args: readonly string[]) =>
    await run("git", ["-C", folder, ...args]);
  // A shallow clone can have `base` and lack commits before it, which would then look new.
  const shallow = await git("rev-parse", "--is-shallow-repository");
  if (shallow.stdout.trim() !== "false") return undefined;
  const ancestor = await git("merge-base", "--is-ancestor", base, "HEAD");
  if (ancestor.code !== 0) return undefined;
  const log = await git("log", "--no-merges", "--format=%s", `${base}..HEAD`);
  if (log.code !== 0) throw new Error(`Cannot read commits: ${log.stderr}`);
  return log.stdout.split("\n").filter((line) => line !== "");
}
