// Warnings at startup: configured paths that other users of this machine can
// read or change, and misspelled environment variables.
import { join } from "node:path";
import { listedPaths } from "../config/access_lists.ts";
import { exposedPaths, type GuardedPath } from "../config/exposed_paths.ts";
import { type AnyOptionFields, fieldsByName } from "../config/field.ts";
import type { CollectedOptions } from "../config/load.ts";
import { isSecretName } from "../log/redact.ts";
import { misspelledVariables } from "../config/misspelled_variables.ts";
import { logger } from "../log/log.ts";
import { SYSTEM, type System } from "../platform/system.ts";
import { filePathOf, type PluginList } from "../plugin/loading/plugin_list.ts";
import type { Context } from "./context.ts";

/** Entries of a folder to check: no data directory and no folder of plugins has more. */
const MAX_ENTRIES = 1_000;
const SECRET_FILE = /\.db(?:-wal|-shm)?$|key[^.]*\.pem$/;

/**
 * Logs each of `paths` that others can read or write, with the command that
 * fixes it. Without modes it is what they may be able to read.
 */
export async function warnExposedPaths(
  paths: readonly GuardedPath[],
  { hasFileModes }: Pick<System, "hasFileModes"> = SYSTEM,
): Promise<void> {
  const log = logger("control");
  if (!hasFileModes) {
    for (const each of listedPaths(paths, Deno.env.get("USERPROFILE"))) {
      log.warn("the folder's access list decides who reads it", { ...each });
    }
    return;
  }
  for (const { what, others, ...fields } of await exposedPaths(paths)) {
    log.warn(`other users can ${others} the ${what}`, fields);
  }
}

/** Prints a line for each misspelled variable: it would otherwise be ignored silently. */
export function warnMisspelledVariables(
  fields: AnyOptionFields,
  { environment, printError }: Pick<Context, "environment" | "printError">,
): void {
  for (const { name, correct } of misspelledVariables(fields, environment)) {
    printError(`Ignoring ${name}: no such option, did you mean "${correct}"?`);
  }
}

/** The configuration file, if there is one. It is secret if it contains a secret. */
export function guardedConfig(
  fields: AnyOptionFields,
  { values, fileValues }: Pick<CollectedOptions, "values" | "fileValues">,
): readonly GuardedPath[] {
  const path = values.get("config-file")?.raw;
  if (typeof path !== "string") return [];
  const named = fieldsByName(fields);
  const isSecret = [...fileValues].some(([name, { raw }]) => {
    const field = named.get(name)?.field;
    return field?.secret !== undefined ||
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
  { directories = [], plugins = [] }: PluginList,
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
    ...plugins.flatMap(({ use }) =>
      typeof use === "string" || use instanceof URL
        ? [{ what: "plugin", path: filePathOf(use) }]
        : []
    ),
  ];
}

/** The sources that are paths: not URLs, and not embedded content. */
export function guardedFiles(
  what: string,
  sources: readonly (string | undefined)[],
  isSecret = false,
): readonly GuardedPath[] {
  return sources
    .filter((source) => source !== undefined)
    .filter((source) => source !== "-" && !/^(?:data|https?):/.test(source))
    .map(filePathOf)
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
    // It is created later, or the part that needs it reports the error.
  }
  return names.sort();
}
