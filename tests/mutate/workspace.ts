/**
 * A copy of the project in which one module after the other is changed.
 *
 * @module
 */
import { join } from "node:path";

/** Not part of what tests run. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Test data of others, beside a checkout. */
const BESIDE = "shared";

/** How a run of tests ended. */
export interface TestRun {
  readonly outcome: "passed" | "failed" | "too long";
  readonly output: string;
  /** Milliseconds. */
  readonly took: number;
}

/** What a run without a change may take, in milliseconds. */
const UNCHANGED_LIMIT = 120_000;

/** The copy; disposing it deletes it. */
export class Workspace implements AsyncDisposable {
  readonly #folder: string;
  /** The root of the copy. */
  readonly root: string;
  /** Test file → its run without a change. */
  readonly #unchanged = new Map<string, TestRun>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, "project");
  }

  /** Copies the project at `root`. */
  static async copy(root: string): Promise<Workspace> {
    const folder = await Deno.makeTempDir({ prefix: "mutate-" });
    const workspace = new Workspace(folder);
    await copyFolder(root, workspace.root);
    await Deno.symlink(join(root, "..", BESIDE), join(folder, BESIDE));
    return workspace;
  }

  /** The text of a file. */
  async read(path: string): Promise<string> {
    return await Deno.readTextFile(join(this.root, path));
  }

  /** Changes the text of a file. */
  async write(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.root, path), text);
  }

  /** Runs one test file while no module is changed. It is run once. */
  async unchanged(test: string): Promise<TestRun> {
    const known = this.#unchanged.get(test);
    if (known !== undefined) return known;
    const run = await this.test([test], UNCHANGED_LIMIT);
    this.#unchanged.set(test, run);
    return run;
  }

  /** Runs test files, up to the first failure and at most `limit` milliseconds. */
  async test(files: readonly string[], limit: number): Promise<TestRun> {
    const started = performance.now();
    const args = [
      "test",
      "-P=test",
      "--no-prompt",
      "--no-check",
      "--fail-fast",
    ];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, ...files],
      cwd: this.root,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      child.kill("SIGKILL");
    }, limit);
    const { success, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const decoder = new TextDecoder();
    return {
      outcome: isOver ? "too long" : success ? "passed" : "failed",
      output: decoder.decode(stdout) + decoder.decode(stderr),
      took: performance.now() - started,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (LEFT_OUT.has(name)) continue;
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
}
