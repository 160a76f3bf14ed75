/**
 * Tells at the start what other users of this machine could read or change.
 */
import { join } from "node:path";
import { exposedPaths, type GuardedPath } from "../config/exposed_paths.ts";
import { type AnyFields, byName } from "../config/field.ts";
import type { Settings } from "../config/load.ts";
import { isSecretName } from "../log/redact.ts";
import { logger } from "../log/log.ts";

/** Entries of a folder that are looked at: no server and no plugin has more. */
const MAX_ENTRIES = 1_000;
const SECRET_FILE = /\.db(?:-wal|-shm)?$|key[^.]*\.pem$/;

/** A line of the log for each of `paths` that others can read or write, with the command that ends it. */
export async function warnExposed(
  paths: readonly GuardedPath[],
): Promise<void> {
  const log = logger("control");
  for (const { what, others, ...fields } of await exposedPaths(paths)) {
    log.warn(`other users can ${others} the ${what}`, fields);
  }
}

/** The configuration file, if there is one; it is secret when it has a secret in it. */
export function guardedConfig(
  fields: AnyFields,
  { given, inFile }: Pick<Settings, "given" | "inFile">,
): readonly GuardedPath[] {
  const path = given.get("config-file")?.raw;
  if (typeof path !== "string") return [];
  const named = byName(fields);
  const isSecret = [...inFile].some(([name, { raw }]) => {
    const field = named.get(name)?.field;
    return field?.secret !== undefined || field?.takes === "table" ||
      [raw].flat().some((each) => isSecretName(each.split("=")[0] ?? ""));
  });
  const what = isSecret
    ? "configuration file, which has secrets"
    : "configuration file";
  return [{ what, path, isSecret }];
}

/** The data directory of a server, with the files in it. */
export async function guardedData(
  path: string,
): Promise<readonly GuardedPath[]> {
  const files = await filesIn(path);
  return [
    { what: "data directory", path, isSecret: true },
    ...files.map((name) => ({
      what: SECRET_FILE.test(name)
        ? "file of the data directory, which has secrets"
        : "file of the data directory",
      path: join(path, name),
      isSecret: SECRET_FILE.test(name),
    })),
  ];
}

/** Folders of plugins with the files in them, and single files. */
export async function guardedPlugins(
  { directories = [], files = [] }: {
    readonly directories?: readonly string[] | undefined;
    readonly files?: readonly string[] | undefined;
  },
): Promise<readonly GuardedPath[]> {
  const inside = await Promise.all(directories.map(async (folder) => [
    { what: "folder of plugins", path: folder },
    ...(await filesIn(folder)).map((name) => ({
      what: "plugin",
      path: join(folder, name),
    })),
  ]));
  return [
    ...inside.flat(),
    ...files.map((path) => ({ what: "plugin", path })),
  ];
}

/** What is named by a path, and not by a URL or by its content. */
export function guardedFiles(
  what: string,
  sources: readonly (string | undefined)[],
  isSecret = false,
): readonly GuardedPath[] {
  return sources
    .filter((source) => source !== undefined)
    .filter((source) => source !== "-" && !/^(?:data|https?):/.test(source))
    .map((source) => source.replace(/^file:\/\//, ""))
    .map((path) => ({ what, path, isSecret }));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory) names.push(name);
      if (names.length >= MAX_ENTRIES) break;
    }
  } catch {
    // It is made later, or the part that needs it says what is wrong.
  }
  return names.sort();
}
