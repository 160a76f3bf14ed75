import { SYSTEM, type System } from "./system.ts";

/**
 * A text that two paths have in common if they name one file here, as far as
 * that can be told without looking. Letter case counts where files are found
 * by it.
 *
 * @param path Absolute, as `resolve()` or `realPath()` gives it.
 */
export function pathKey(
  path: string,
  { foldsCase }: Pick<System, "foldsCase"> = SYSTEM,
): string {
  return foldsCase ? path.normalize("NFC").toLowerCase() : path;
}
