/**
 * Files and folders that other users of this machine can read or write, and
 * should not. A user who writes what the program trusts can do what the program
 * can; a user who reads its secrets can use them.
 *
 * It goes by permission bits, as `ssh` does: not by owners, and not by what
 * access control lists allow besides. Windows has no such bits.
 */
import { dirname } from "node:path";

/** Something that others should leave alone. */
export interface GuardedPath {
  /** What it is called: `data directory`. */
  readonly what: string;
  readonly path: string;
  /** Whether nobody else may read it either; the group may, of a file. */
  readonly isSecret?: boolean;
}

/** Something that others can reach. */
export interface ExposedPath {
  readonly what: string;
  readonly path: string;
  readonly others: "read" | "write";
  /** Its permissions as `chmod` takes them: `755`. */
  readonly mode: string;
  /** What ends it. */
  readonly command: string;
}

const GROUP = 0o070;
const OTHERS = 0o007;
const WRITE = 0o022;
/** Others alone. A group that may write a file without secrets was chosen on purpose, or is the user's own. */
const WRITE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/** Those of `paths` that are exposed, by links to what they lead to. What is not there is not. */
export async function exposedPaths(
  paths: readonly GuardedPath[],
): Promise<readonly ExposedPath[]> {
  const found = await Promise.all(paths.map(exposureOf));
  return found.filter((each) => each !== undefined);
}

async function exposureOf(
  { what, path, isSecret = false }: GuardedPath,
): Promise<ExposedPath | undefined> {
  try {
    const real = await Deno.realPath(path);
    const { mode, isDirectory } = await Deno.stat(real);
    if (mode === null) return undefined;
    const { reach, writableFolder } = await waysTo(real);
    const bits = mode & reach;
    const told = { what, path, mode: (mode & 0o777).toString(8) };
    if (bits & (isSecret ? WRITE : WRITE_BY_OTHERS)) {
      const right = isSecret ? (isDirectory ? "700" : "600") : "go-w";
      return { ...told, others: "write", command: chmod(right, path) };
    }
    if (writableFolder !== undefined) {
      const command = chmod("go-w", writableFolder);
      return { ...told, others: "write", command };
    }
    if (!isSecret || (bits & OTHERS) === 0) return undefined;
    const right = isDirectory ? "700" : "600";
    return { ...told, others: "read", command: chmod(right, path) };
  } catch {
    // The part that needs it says that it is not there.
    return undefined;
  }
}

/** Whose permission bits count on the way through the folders above, and the first of these in which others can put something else in its place. */
async function waysTo(
  path: string,
): Promise<{ reach: number; writableFolder: string | undefined }> {
  let reach = GROUP | OTHERS;
  let writableFolder: string | undefined;
  for (let folder = dirname(path);; folder = dirname(folder)) {
    const mode = (await Deno.stat(folder)).mode ?? 0;
    if ((mode & 0o010) === 0) reach &= ~GROUP;
    if ((mode & 0o001) === 0) reach &= ~OTHERS;
    if ((mode & WRITE_BY_OTHERS) !== 0 && (mode & STICKY) === 0) {
      writableFolder ??= folder;
    }
    if (folder === dirname(folder)) break;
  }
  const isReached = (reach & OTHERS) !== 0;
  return { reach, writableFolder: isReached ? writableFolder : undefined };
}

function chmod(right: string, path: string): string {
  const isPlain = /^[\w./@+-]+$/.test(path);
  return `chmod ${right} ${
    isPlain ? path : `'${path.replaceAll("'", `'\\''`)}'`
  }`;
}
