/*
 * Finds packages of npm that are installed on this machine, for plugins. It
 * downloads nothing and runs nothing: it reads `package.json`.
 */
import { dirname, join, sep } from "node:path";
import { isObject } from "../results/value_kind.ts";

/** A package that is installed. */
export interface InstalledPackage {
  /** Its folder, without links. */
  readonly root: string;
  /** The file that is imported, absolute and without links. */
  readonly entry: string;
  /** Its name without its scope, as the name of a plugin. */
  readonly stem: string;
}

/** Where packages are looked for. */
export interface PackageFolders {
  /** Its `node_modules` comes first, then those of the folders above. */
  readonly from: string;
  /** The folder that Deno keeps packages in, if there is one. */
  readonly cache: string | undefined;
}

/** Bytes of a `package.json`: the largest have some ten thousand. */
const MAX_BYTES = 1024 * 1024;
/** Registries in the folder of Deno. People use one or two. */
const MAX_REGISTRIES = 32;
/** Conditions inside conditions, in `exports`. */
const MAX_DEPTH = 16;

/** Conditions of `exports` that hold, besides `default`. */
const CONDITIONS: readonly string[] = ["deno", "node", "import", "default"];

/** `npm:@scope/name@version/path` */
const SPECIFIER =
  /^npm:\/?((?:@[a-z\d_.~-]+\/)?[a-z\d_~-][a-z\d_.~-]*)(?:@([^/]+))?(\/[^?#]+)?$/i;
/** Versions with numbers only, and with `-beta.1` or `+5`. */
const EXACT = /^\d+\.\d+\.\d+(?:[-+][a-z\d.+-]+)?$/i;

/** Whether a plugin is a package. */
export function isPackage(use: unknown): use is string | URL {
  return (typeof use === "string" || use instanceof URL) &&
    String(use).startsWith("npm:");
}

/** The folders of this process. */
export function packageFolders(): PackageFolders {
  const folder = denoFolder();
  return {
    from: Deno.cwd(),
    cache: folder === undefined ? undefined : join(folder, "npm"),
  };
}

/** Where Deno keeps what it has downloaded. Services have no home. */
function denoFolder(): string | undefined {
  const given = Deno.env.get("DENO_DIR");
  if (given) return given;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  const caches: Partial<Record<typeof Deno.build.os, string | undefined>> = {
    darwin: home && join(home, "Library", "Caches"),
    windows: Deno.env.get("LOCALAPPDATA"),
  };
  const base = caches[Deno.build.os] ?? Deno.env.get("XDG_CACHE_HOME") ??
    (home && join(home, ".cache"));
  return base ? join(base, "deno") : undefined;
}

/**
 * Finds an installed package.
 *
 * @param specifier `npm:name`, `npm:@scope/name@1.2.3` or `npm:name@1.2.3/file`.
 * @throws {TypeError} With the reason, when it is not there or has no such file.
 */
export async function findPackage(
  specifier: string,
  folders: PackageFolders,
): Promise<InstalledPackage> {
  const [, name, version, path] = SPECIFIER.exec(specifier) ?? [];
  if (name === undefined) {
    throw new TypeError("it is not a package, write npm:name@1.2.3");
  }
  if (version !== undefined && !EXACT.test(version)) {
    throw new TypeError(
      `"${version}" is not one version, write one such as npm:${name}@1.2.3`,
    );
  }
  for await (const folder of candidates(name, version, folders)) {
    const data = await readPackage(folder);
    if (data === undefined) continue;
    if (version !== undefined && data["version"] !== version) continue;
    const root = await Deno.realPath(folder);
    const entry = await entryOf(root, data, path);
    const stem = name.slice(name.indexOf("/") + 1).replace(/[^\w-]/g, "-");
    return { root, entry, stem };
  }
  const wanted = version === undefined ? name : `${name}@${version}`;
  throw new TypeError(
    `it is not installed, run "npm install ${wanted}" in the folder where ` +
      "the client is started",
  );
}

/** The folders where the package may be. */
async function* candidates(
  name: string,
  version: string | undefined,
  { from, cache }: PackageFolders,
): AsyncGenerator<string> {
  for (let folder = from;; folder = dirname(folder)) {
    yield join(folder, "node_modules", ...name.split("/"));
    if (folder === dirname(folder)) break;
  }
  // Without a version nobody could say which one of several it is.
  if (cache === undefined || version === undefined) return;
  let count = 0;
  try {
    for await (const registry of Deno.readDir(cache)) {
      if (count >= MAX_REGISTRIES) return;
      count += 1;
      yield join(cache, registry.name, ...name.split("/"), version);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The `package.json` of a folder; `undefined` if there is none that can be read. */
async function readPackage(
  folder: string,
): Promise<Readonly<Record<PropertyKey, unknown>> | undefined> {
  const file = join(folder, "package.json");
  try {
    const { size } = await Deno.stat(file);
    if (size > MAX_BYTES) return undefined;
    const data: unknown = JSON.parse(await Deno.readTextFile(file));
    return isObject(data) ? data : undefined;
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof SyntaxError;
    if (isAbsent) return undefined;
    throw error;
  }
}

async function entryOf(
  root: string,
  data: Readonly<Record<PropertyKey, unknown>>,
  path: string | undefined,
): Promise<string> {
  const wanted = path === undefined ? "." : `.${path}`;
  const { exports, module, main } = data;
  const target = exports === undefined || exports === null
    ? path ?? firstText(module, main) ?? "index.js"
    : exported(exports, wanted);
  if (target === undefined) {
    throw new TypeError(
      `its package.json exports no "${wanted}" for import`,
    );
  }
  const entry = join(root, target);
  try {
    const real = await Deno.realPath(entry);
    if (real.startsWith(root + sep)) return real;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new TypeError(`its file "${target}" is not there`);
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === "string");
}

/** The target of an entry of `exports`. Patterns are not supported: a plugin has one file. */
function exported(exports: unknown, wanted: string): string | undefined {
  const isTable = isObject(exports) &&
    Object.keys(exports).some((key) => key.startsWith("."));
  if (isTable) return targetOf(exports[wanted], 0);
  return wanted === "." ? targetOf(exports, 0) : undefined;
}

function targetOf(target: unknown, depth: number): string | undefined {
  if (typeof target === "string") return target;
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(target)) {
    for (const each of target) {
      const found = targetOf(each, depth + 1);
      if (found !== undefined) return found;
    }
  }
  if (!isObject(target)) return undefined;
  for (const [condition, each] of Object.entries(target)) {
    if (!CONDITIONS.includes(condition)) continue;
    const found = targetOf(each, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
