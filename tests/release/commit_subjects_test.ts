/** @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import {
  LAST_WITHOUT_RULE,
  subjectsSince,
  troubleOf,
} from "./commit_subjects.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const GIT = needs("git");

/** Nothing of the settings of who runs the tests. */
const ENV = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Jane",
  GIT_AUTHOR_EMAIL: "jane@a.test",
  GIT_COMMITTER_NAME: "Jane",
  GIT_COMMITTER_EMAIL: "jane@a.test",
} as const;

async function git(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("git", ["-C", folder, ...args], {
    env: ENV,
  });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** Adds empty commits; gives the name of the last one. */
async function commit(folder: string, ...subjects: string[]): Promise<string> {
  for (const subject of subjects) {
    await git(folder, "commit", "-q", "--allow-empty", "-m", subject);
  }
  return await git(folder, "rev-parse", "HEAD");
}

/** A history with two commits before the rule, and `path()` for clones of it. */
async function startHistory() {
  const root = await Deno.makeTempDir();
  const folder = join(root, "origin");
  await Deno.mkdir(folder);
  await git(folder, "init", "-q", "-b", "main");
  const base = await commit(folder, "Anything", "Before the rule");
  return {
    folder,
    base,
    path: (name: string) => join(root, name),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

Deno.test.each([
  ["feat(server): a page for keys"],
  ["fix: nothing is lost"],
  ["refactor(web_ui)!: names say what they mean"],
  [`docs: ${"x".repeat(54)}`],
  [`docs: ${"é".repeat(54)}`],
])("troubleOf() takes %s", (subject) => {
  assert.equal(troubleOf(subject), undefined);
});

Deno.test.each([
  [`docs: ${"x".repeat(55)}`, /has 61 characters, at most 60$/],
  ["A page for keys", /is not conventional/],
  ["feature(server): a page for keys", /is not conventional/],
  ["fix(Server): a page for keys", /is not conventional/],
  ["fix(server) a page for keys", /is not conventional/],
  ["fix(server):a page for keys", /is not conventional/],
  ["fix(server): ", /is not conventional/],
  ["fixup! fix(server): a page for keys", /is not conventional/],
])("troubleOf() refuses %s", (subject, expected) => {
  assert.match(troubleOf(subject) ?? "", expected);
});

Deno.test(
  "subjectsSince() gives what came after the base, without merges",
  GIT,
  async () => {
    await using history = await startHistory();
    const { folder, base } = history;
    await git(folder, "checkout", "-q", "-b", "side");
    await commit(folder, "fix: one");
    await git(folder, "checkout", "-q", "main");
    await commit(folder, "whatever else");
    await git(folder, "merge", "-q", "--no-ff", "-m", "Merge side", "side");

    const subjects = await subjectsSince(base, folder);

    assert.deepEqual(subjects?.toSorted(), ["fix: one", "whatever else"]);
    assert.deepEqual(
      await subjectsSince(await git(folder, "rev-parse", "HEAD"), folder),
      [],
    );
  },
);

Deno.test(
  "subjectsSince() gives nothing where the history does not reach the base",
  GIT,
  async () => {
    await using history = await startHistory();
    const { base, path } = history;
    await commit(history.folder, "fix: one", "not conventional");
    const origin = pathToFileURL(history.folder).href;
    const shallow = path("shallow");
    const bare = path("without_git");
    await Deno.mkdir(bare);
    for (const depth of ["1", "3"]) {
      await git(bare, "clone", "-q", "--depth", depth, origin, shallow + depth);
    }

    assert.equal(await subjectsSince(base, `${shallow}1`), undefined);
    assert.equal(await subjectsSince(base, `${shallow}3`), undefined);
    assert.equal(await subjectsSince(base, bare), undefined);
    assert.equal(
      await subjectsSince(LAST_WITHOUT_RULE, history.folder),
      undefined,
    );
  },
);

const subjects = GIT.ignore
  ? undefined
  : await subjectsSince(LAST_WITHOUT_RULE, PROJECT);
if (subjects === undefined) {
  // deno-lint-ignore no-console -- the reason belongs beside "ignored"
  console.info("Without the history of commits their subjects are not checked");
}

Deno.test({
  name: "the subjects of all commits since the rule are conventional and short",
  ignore: subjects === undefined,
  fn() {
    assert.deepEqual(subjects?.flatMap((each) => troubleOf(each) ?? []), []);
  },
});
