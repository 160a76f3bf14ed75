// On Windows the access list of a folder decides who reads what is in it. Modes
// do not exist there. Folders outside a user's profile let all users read, unless
// somebody has changed that; the runtime cannot look at lists.
import { win32 } from "node:path";
import { pathKey } from "../platform/paths.ts";
import type { GuardedPath } from "./exposed_paths.ts";

/** A path whose secrecy depends on its access list. */
export interface ListedPath {
  readonly what: string;
  readonly path: string;
  /** The command that leaves it to its owner, the system and administrators, in any language of Windows. */
  readonly command: string;
}

/** Owner, system and administrators, by numbers: names are translated. */
const TRUSTED = ["*S-1-3-4", "*S-1-5-18", "*S-1-5-32-544"] as const;

/**
 * The secret ones of `paths` that are outside the profile of the user. What lies
 * in one of them is left out.
 *
 * @param profile `USERPROFILE`: only its user, the system and administrators
 * read what is inside.
 */
export function listedPaths(
  paths: readonly GuardedPath[],
  profile: string | undefined,
): readonly ListedPath[] {
  const secret = paths.filter(({ isSecret }) => isSecret)
    .map(({ what, path }) => ({ what, path: win32.resolve(path) }));
  return secret
    .filter(({ path }) => profile === undefined || !isInside(path, profile))
    .filter(({ path }) =>
      !secret.some((other) => other.path !== path && isInside(path, other.path))
    )
    .map((each) => ({ ...each, command: commandFor(each.path) }));
}

function isInside(path: string, folder: string): boolean {
  const [inner, outer] = [path, win32.resolve(folder)].map((each) =>
    pathKey(each, { foldsCase: true })
  );
  return inner === outer || (inner ?? "").startsWith(`${outer}${win32.sep}`);
}

function commandFor(path: string): string {
  // Files that are made later get the rights of their folder.
  const right = win32.extname(path) === "" ? "(OI)(CI)F" : "F";
  const grants = TRUSTED.map((who) => `"${who}:${right}"`).join(" ");
  return `icacls "${path}" /inheritance:r /grant:r ${grants}`;
}
