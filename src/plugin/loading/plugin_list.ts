/*
 * The list of a client's plugins: entries of the configuration, files of
 * folders, and rules for permissions become one list of plugins to load.
 */
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PluginError } from "../api/errors.ts";
import type { Match } from "../api/match.ts";
import {
  type PermissionRule,
  permissionsFrom,
  permissionsOf,
  type PluginPermissions,
} from "../api/permissions.ts";
import type { Plugin } from "../api/plugin.ts";
import type { FailurePolicy, PluginUse } from "../api/plugin_use.ts";
import { readMatch } from "../results/match_requests.ts";
import { systemReason } from "../../log/system_reason.ts";
import { pathKey } from "../../platform/paths.ts";
import { SYSTEM, type System } from "../../platform/system.ts";
import { advice } from "./near_miss.ts";
import {
  findPackage,
  type InstalledPackage,
  isPackage,
  type PackageFolders,
  packageFolders,
} from "./npm_package.ts";
import { filesIn } from "./plugin_files.ts";

/** Says where a part of an entry is set: `"sallyport.yaml", line 7`. */
export type OptionPlace = (path: readonly string[]) => string;

/** An entry of the list. */
export interface ListedUse extends PluginUse {
  /** Where its parts are set, for messages. */
  readonly placeOf?: OptionPlace | undefined;
}

/** The plugins of a client, as they are configured. */
export interface PluginList {
  /** Folders. Their plugins come first, sorted by file name in each, except for files that `plugins` names. */
  readonly directories?: readonly string[];
  /** Single plugins. They come after the folders, in this order. */
  readonly plugins?: readonly ListedUse[];
  /** What plugins may do that have no `allow`. */
  readonly permissions?: readonly PermissionRule[];
  /** How long one call may take of a plugin that has no `timeout`, in milliseconds. Default 5,000. */
  readonly timeBudget?: number | undefined;
  /** Whether packages of npm that are installed may be plugins. Default `false`. */
  readonly allowPackages?: boolean | undefined;
}

/** Packages that were found at the start, by `npm:` specifier. */
export type FoundPackages = ReadonlyMap<string, InstalledPackage>;

/** A plugin to load, with everything that is configured about it. */
export interface PluginInstance {
  /** Its file as the user wrote it, for messages. */
  readonly file: string;
  /** The absolute path of its file; `undefined` for an object of the program. */
  readonly path: string | undefined;
  /** The folder of its package, if it is one. It is not loaded again then. */
  readonly root?: string | undefined;
  /** The object of the program, if it is one. */
  readonly plugin?: Plugin<never> | undefined;
  /** Its name in permission rules: the configured one, or that of its file. */
  readonly rule: string;
  /** The configured name. */
  readonly name?: string | undefined;
  /** The configured limit of its requests. */
  readonly match?: readonly Match[] | undefined;
  readonly options: unknown;
  readonly permissions: PluginPermissions;
  /** How long one call may take, in milliseconds; `undefined` for the default. */
  readonly timeout?: number | undefined;
  readonly onFailure: FailurePolicy;
  readonly placeOf?: OptionPlace | undefined;
}

/**
 * Finds the packages of a list. That is done once, before any plugin runs: what
 * is installed later is not used.
 *
 * @throws {PluginError} `notLoaded`, when one is not there.
 */
export async function findPackages(
  { plugins = [], allowPackages = false }: PluginList,
  folders: () => PackageFolders = packageFolders,
): Promise<FoundPackages> {
  const found = new Map<string, InstalledPackage>();
  for (const { use } of plugins) {
    if (!allowPackages || !isPackage(use)) continue;
    const specifier = String(use);
    try {
      found.set(specifier, await findPackage(specifier, folders()));
    } catch (cause) {
      const reason = cause instanceof TypeError
        ? cause.message
        : systemReason(cause);
      throw notFound(specifier, reason, cause);
    }
  }
  return found;
}

function notFound(plugin: string, reason: string, cause?: unknown): Error {
  return new PluginError(
    "notLoaded",
    `Cannot load plugin "${plugin}": ${reason}`,
    { plugin, cause },
  );
}

/**
 * The plugins to load, in the order of their hooks.
 *
 * @param packages Those that were found at the start.
 * @throws {PluginError} `notLoaded`, when a folder cannot be read or has too
 * many plugins; `badOptions`, when an entry or a rule is wrong.
 */
export async function listPlugins(
  list: PluginList,
  packages: FoundPackages = new Map(),
  system: Pick<System, "foldsCase"> = SYSTEM,
): Promise<readonly PluginInstance[]> {
  const { directories = [], plugins = [], permissions = [] } = list;
  const defaults = {
    permissions,
    timeBudget: list.timeBudget,
    packages: list.allowPackages === true ? packages : undefined,
  };
  const listed = plugins.map((use, at) => instanceOf(use, at, defaults));
  const named = new Set(
    listed.map(({ path }) => path && pathKey(path, system)),
  );
  const seen = new Set<string | undefined>();
  const found: PluginInstance[] = [];
  for (const directory of directories) {
    for (const file of await filesIn(directory)) {
      const instance = instanceOf({ use: file }, 0, defaults);
      const { path = "" } = instance;
      if (named.has(pathKey(path, system)) || seen.has(path)) continue;
      seen.add(path);
      found.push(instance);
    }
  }
  return [...found, ...listed];
}

/** Whether two entries are the same plugin: one may take the place of the other. */
export function isSamePlugin(a: PluginInstance, b: PluginInstance): boolean {
  return a.path === b.path && a.plugin === b.plugin && a.rule === b.rule;
}

function packageSource(
  file: string,
  packages: FoundPackages | undefined,
): Source {
  const found = packages?.get(file);
  if (found !== undefined) {
    const { entry: path, root, stem } = found;
    return { file, path, root, stem };
  }
  throw notFound(
    file,
    packages === undefined
      ? "packages may not be plugins, allow it with --allow-npm-plugins"
      : "packages are found when the client starts, restart it",
  );
}

/** The name of a file without its extension: its plugin's name in permission rules. */
export function stemOf(file: string): string {
  return basename(file).replace(/\.[mc]?[jt]s$/, "");
}

/** The path of a file that is named by path or URL. */
export function filePathOf(use: string | URL): string {
  return /^file:/.test(String(use)) ? fileURLToPath(use) : String(use);
}

function instanceOf(
  use: ListedUse,
  at: number,
  { permissions: rules, timeBudget, packages }: {
    readonly permissions: readonly PermissionRule[];
    readonly timeBudget: number | undefined;
    readonly packages: FoundPackages | undefined;
  },
): PluginInstance {
  const { name, match, options, allow, timeout = timeBudget, placeOf } = use;
  const source = sourceOf(use, { at, packages });
  const rule = name ?? source.stem;
  const isNamed = rules.some(({ plugin }) => plugin === rule);
  if (allow !== undefined && isNamed) {
    throw wrongEntry(
      rule,
      'it has "allow" and a permission rule, keep one of them',
    );
  }
  const { file, path, root, plugin } = source;
  return {
    file,
    path,
    ...root !== undefined && { root },
    ...plugin !== undefined && { plugin },
    rule,
    name,
    match: matchOf(match, rule),
    options: options ?? {},
    permissions: plugin !== undefined
      ? "trusted"
      : allow === undefined
      ? permissionsOf(rule, rules)
      : permissionsFrom(allow),
    timeout,
    onFailure: use.onFailure ?? "fail",
    placeOf,
  };
}

/** Where a plugin is. */
interface Source {
  readonly file: string;
  readonly path: string | undefined;
  readonly stem: string;
  readonly root?: string;
  readonly plugin?: Plugin<never>;
}

function sourceOf(
  { use }: ListedUse,
  { at, packages }: {
    readonly at: number;
    readonly packages: FoundPackages | undefined;
  },
): Source {
  if (isPackage(use)) return packageSource(String(use), packages);
  if (typeof use === "string" || use instanceof URL) {
    const file = filePathOf(use);
    return { file, path: resolve(file), stem: stemOf(file) };
  }
  const stem = typeof use.name === "string" ? use.name : `plugin-${at + 1}`;
  return { file: stem, path: undefined, stem, plugin: use };
}

function matchOf(
  match: unknown,
  rule: string,
): readonly Match[] | undefined {
  try {
    return readMatch(match);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw wrongEntry(rule, cause.message, cause);
  }
}

/**
 * Checks that each rule names a plugin. Another one would allow nothing, without
 * a word.
 *
 * @throws {PluginError} `badOptions`.
 */
export function checkRules(
  rules: readonly PermissionRule[],
  all: readonly PluginInstance[],
): void {
  const known = [...new Set(all.map(({ rule }) => rule))];
  for (const { plugin } of rules) {
    if (plugin === undefined || known.includes(plugin)) continue;
    const otherwise = known.length === 0
      ? "there are no plugins"
      : `plugins are ${known.join(", ")}`;
    throw new PluginError(
      "badOptions",
      `Cannot use the permissions of plugin "${plugin}": ` +
        `no plugin has this name, ${advice(plugin, known, otherwise)}`,
      { plugin },
    );
  }
}

function wrongEntry(plugin: string, why: string, cause?: unknown): Error {
  return new PluginError(
    "badOptions",
    `Cannot use plugin "${plugin}": ${why}`,
    { plugin, cause },
  );
}
