// Finds files and folders that other users of this machine can read or write,
// but should not. A user who can write what the program trusts can act as the
// program; a user who can read its secrets can use them.
//
// As in `ssh`, only permission bits count: not owners, and not access control
// lists. Windows has no such bits: `access_lists.ts` is for it.
import { dirname } from "node:path";

/** A path that others should not be able to change. */
export interface GuardedPath {
  /** Its description: `data directory`. */
  readonly what: string;
  readonly path: string;
  /** Whether others may not read it either. The group may read a file. */
  readonly isSecret?: boolean;
}

/** A path that others can read or write. */
export interface ExposedPath {
  readonly what: string;
  readonly path: string;
  readonly others: "read" | "write";
  /** Its permissions as `chmod` takes them: `755`. */
  readonly mode: string;
  /** The command that fixes it. */
  readonly command: string;
}

const GROUP = 0o070;
const OTHERS = 0o007;
const WRITE = 0o022;
/** Without the group: a group that may write a file without secrets was chosen on purpose, or is the user's own. */
const WRITE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/** The exposed ones of `paths`. Links are followed; missing paths are skipped. */
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
    const { reach, writableParent } = await pathAccess(real);
    const bits = mode & reach;
    const common = { what, path, mode: (mode & 0o777).toString(8) };
    if (bits & (isSecret ? WRITE : WRITE_BY_OTHERS)) {
      const right = isSecret ? (isDirectory ? "700" : "600") : "go-w";
      return { ...common, others: "write", command: chmod(right, path) };
    }
    if (writableParent !== undefined) {
      const command = chmod("go-w", writableParent);
      return { ...common, others: "write", command };
    }
    if (!isSecret || (bits & OTHERS) === 0) return undefined;
    const right = isDirectory ? "700" : "600";
    return { ...common, others: "read", command: chmod(right, path) };
  } catch {
    // The part that needs the path reports that it is missing.
    return undefined;
  }
}

/** Whose permission bits count, given the folders above `path`, and the nearest folder in which others can replace it. */
async function pathAccess(
  path: string,
): Promise<{ reach: number; writableParent: string | undefined }> {
  let reach = GROUP | OTHERS;
  let writableParent: string | undefined;
  for (let folder = dirname(path);; folder = dirname(folder)) {
    const mode = (await Deno.stat(folder)).mode ?? 0;
    if ((mode & 0o010) === 0) reach &= ~GROUP;
    if ((mode & 0o001) === 0) reach &= ~OTHERS;
    if ((mode & WRITE_BY_OTHERS) !== 0 && (mode & STICKY) === 0) {
      writableParent ??= folder;
    }
    if (folder === dirname(folder)) break;
  }
  const isReached = (reach & OTHERS) !== 0;
  return { reach, writableParent: isReached ? writableParent : undefined };
}

function chmod(right: string, path: string): string {
  const isPlain = /^[\w./@+-]+$/.test(path);
  return `chmod ${right} ${
    isPlain ? path : `'${path.replaceAll("'", `'\\''`)}'`
  }`;
}
