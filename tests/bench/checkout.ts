/**
 * Another commit of this program, checked out to be measured beside this tree.
 *
 * @module
 */
import { join } from "node:path";
import { run } from "../testing/process.ts";
import { requireProgram } from "./tools.ts";

const HERE: string = import.meta.dirname ?? ".";

/** A folder with the files of one commit. Disposal removes it. */
export class Checkout implements AsyncDisposable {
  /** The start of the commit's hash. */
  readonly commit: string;
  /** Path of its program. */
  readonly main: string;
  readonly #folder: string;

  private constructor(commit: string, folder: string) {
    this.commit = commit;
    this.#folder = folder;
    this.main = join(folder, "tree", "main.ts");
  }

  /**
   * Checks out a commit beside the repository, and loads what it imports.
   *
   * @param revision What git reads as a commit: a hash, a branch, `HEAD~3`.
   * @throws {RangeError} When the repository has no such commit.
   */
  static async open(revision: string): Promise<Checkout> {
    const named = await git("rev-parse", "--verify", `${revision}^{commit}`);
    if (named === undefined) {
      throw new RangeError(
        `Cannot find the commit "${revision}" that --against names`,
      );
    }
    const folder = await Deno.makeTempDir({ prefix: "sallyport-bench-" });
    const checkout = new Checkout(named.slice(0, 8), folder);
    try {
      const tree = join(folder, "tree");
      if (await git("worktree", "add", "--detach", tree, named) === undefined) {
        throw new Error(`Cannot check out ${named} for --against`);
      }
      // Its first start does not wait for packages then.
      await run(Deno.execPath(), ["cache", "-q", "main.ts"], { cwd: tree });
    } catch (error) {
      await checkout[Symbol.asyncDispose]();
      throw error;
    }
    return checkout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
    await git("worktree", "prune");
  }
}

/** What git prints; `undefined` when it fails. */
async function git(...args: readonly string[]): Promise<string | undefined> {
  const { code, stdout } = await run(requireProgram("git"), args, {
    cwd: HERE,
  });
  return code === 0 ? stdout.trim() : undefined;
}
