// Writes and removes the files of a service: all of them, or none.
import { dirname } from "node:path";
import { ConfigError } from "../../config/errors.ts";
import { systemReason } from "../../log/system_reason.ts";
import { MADE_BY, type ServiceFile } from "./service_spec.ts";

/** What is at the path of a file. */
type Found = "nothing" | "the same" | "another";

/**
 * Writes the files that are not there yet.
 *
 * @param mayReplace Whether files that this program wrote may change.
 * @returns The paths that were written.
 * @throws {ConfigError} If a file is there that this program did not write, or
 * that may not be replaced, or if one cannot be written. Nothing has changed then.
 */
export async function writeFiles(
  files: readonly ServiceFile[],
  mayReplace: boolean,
): Promise<readonly string[]> {
  const wanted: ServiceFile[] = [];
  for (const file of files) {
    const found = await compare(file);
    if (found === "another" && !mayReplace) {
      throw new ConfigError(
        "badFile",
        `Cannot write "${file.path}": it exists with other settings, use ` +
          "--replace",
      );
    }
    if (found !== "the same") wanted.push(file);
  }
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const file of wanted) undo.push(await replace(file));
  } catch (error) {
    for (const each of undo.toReversed()) await each();
    throw error;
  }
  return wanted.map(({ path }) => path);
}

/**
 * Removes the files of a service that are there.
 *
 * @returns The paths that were removed.
 * @throws {ConfigError} If this program did not write one of them, or if one cannot be removed.
 */
export async function removeFiles(
  files: readonly ServiceFile[],
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const file of files.toReversed()) {
    if (await compare(file) === "nothing") continue;
    try {
      await Deno.remove(file.path);
    } catch (cause) {
      throw unwritable("remove", file.path, cause);
    }
    removed.push(file.path);
  }
  return removed;
}

/** @throws {ConfigError} If somebody else wrote what is there. */
async function compare({ path, text }: ServiceFile): Promise<Found> {
  let there: string;
  try {
    there = await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "nothing";
    throw new ConfigError(
      "badFile",
      `Cannot read "${path}": ${systemReason(cause)}`,
    );
  }
  if (there === text) return "the same";
  if (there.includes(MADE_BY)) return "another";
  throw new ConfigError(
    "badFile",
    `Cannot use "${path}": it was not made by "sallyport service install", ` +
      "move it away",
  );
}

/** Writes beside the file first: a manager never reads half of it. @returns What takes it back. */
async function replace({ path, text }: ServiceFile) {
  const fresh = `${path}.new`;
  try {
    const before = await Deno.readTextFile(path).catch(() => undefined);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(fresh, text, { mode: 0o644 });
    await Deno.rename(fresh, path);
    return () =>
      before === undefined
        ? Deno.remove(path)
        : Deno.writeTextFile(path, before);
  } catch (cause) {
    await Deno.remove(fresh).catch(() => {});
    throw unwritable("write", path, cause);
  }
}

function unwritable(what: string, path: string, cause: unknown): ConfigError {
  return new ConfigError(
    "badFile",
    `Cannot ${what} "${path}": ${systemReason(cause)}, run the command as an ` +
      "administrator, or use --user for a service of your own",
    { cause },
  );
}
