/*
 * Reads a plugin and all its imports, and checks them before any code runs.
 *
 * A worker gets these texts, not the names of the files. It loads what was
 * checked, even if a file changes meanwhile.
 */
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { decodeUserText, Utf16Error } from "../../platform/text.ts";
import { systemReason } from "../../log/system_reason.ts";
import {
  findImports,
  ModuleSyntaxError,
  type ParsedModule,
} from "./find_imports.ts";
import { importTarget, isData, isModuleName } from "./import_rule.ts";
import type { PluginPermissions } from "../api/permissions.ts";

/** A checked file. */
export interface CheckedModule {
  /** A `file:` URL. */
  readonly url: string;
  readonly isData: boolean;
  /** Its text in pieces. A number replaces a specifier: it is the index of the imported module. */
  readonly pieces: readonly (string | number)[];
}

/** Files of one plugin. A copied library has some dozens. */
const MAX_MODULES = 500;
/** Bytes of all files of one plugin. They are read in seconds, and kept while the plugin runs. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Why a plugin is not loaded, and the location: `names.ts:3:8`. */
export class GraphError extends TypeError {
  /** File, line and column, if they are known. */
  readonly location: string | undefined;

  /** @param location File, line and column. */
  constructor(reason: string, location?: string, options?: ErrorOptions) {
    super(reason, options);
    this.location = location;
  }
}

/**
 * Reads and checks all modules of a plugin. Each comes after the modules that it
 * imports; the plugin itself is last.
 *
 * @param path The plugin's file, absolute.
 * @param root Its own folder, without links. Default: that of its file.
 * @throws {GraphError} With the first reason why it is not loaded.
 */
export async function readGraph(
  path: string,
  permissions: PluginPermissions,
  root?: string,
): Promise<readonly CheckedModule[]> {
  const graph = new Graph(path, permissions, root);
  await graph.add(pathToFileURL(path));
  return graph.modules;
}

class Graph {
  readonly modules: CheckedModule[] = [];
  /** The index of each module by URL; `open` while its imports are read. */
  readonly #known = new Map<string, number | "open">();
  readonly #entry: string;
  readonly #permissions: PluginPermissions;
  readonly #folder: string;
  #bytes = 0;

  constructor(
    entry: string,
    permissions: PluginPermissions,
    folder = dirname(entry),
  ) {
    this.#entry = entry;
    this.#permissions = permissions;
    this.#folder = folder;
  }

  /** Reads a module and its imports. @returns Its index. */
  async add(url: URL): Promise<number> {
    const key = pathToFileURL(fileURLToPath(url)).href;
    const known = this.#known.get(key);
    if (known === "open") return this.#closeCircle(url);
    if (known !== undefined) return known;
    this.#known.set(key, "open");
    const text = await this.#read(fileURLToPath(url));
    const pieces = isData(url.pathname) ? [text] : await this.#code(url, text);
    const index = this.modules.length;
    this.modules.push({ url: key, isData: isData(url.pathname), pieces });
    this.#known.set(key, index);
    return index;
  }

  /** Circular imports work only in trusted plugins, which are loaded from files. */
  #closeCircle({ pathname }: URL): number {
    if (this.#permissions === "trusted") return 0;
    throw new TypeError(
      `it imports "${nameOf(pathname)}" in a circle, move the shared code ` +
        "to a third file",
    );
  }

  async #code(url: URL, text: string): Promise<readonly (string | number)[]> {
    const parsed = await this.#parsed(url, text);
    const changes: Change[] = metaChanges(parsed, text);
    for (const found of parsed.imports) {
      const { start, end, location } = found;
      try {
        const target = importTarget(found, {
          from: url,
          permissions: this.#permissions,
        });
        if (target.kind === "builtin") continue;
        changes.push({ start, end, by: await this.add(target.url) });
      } catch (cause) {
        if (cause instanceof GraphError) throw cause;
        const at = `${nameOf(url.pathname)}:${location}`;
        throw new GraphError(reasonOf(cause), at, { cause });
      }
    }
    return [...piecesOf(text, changes), ...metaFunction(parsed, text, url)];
  }

  async #parsed({ pathname }: URL, text: string): Promise<ParsedModule> {
    try {
      return await findImports(text);
    } catch (cause) {
      if (!(cause instanceof ModuleSyntaxError)) throw cause;
      const at = `${nameOf(pathname)}:${cause.location}`;
      throw new GraphError(cause.message, at, { cause });
    }
  }

  async #read(path: string): Promise<string> {
    if (this.#known.size > MAX_MODULES) {
      throw new TypeError(`it has more than ${MAX_MODULES} files`);
    }
    const real = await this.#realPath(path);
    const { isFile, size } = await Deno.stat(real);
    if (!isFile) throw new TypeError(`"${nameOf(path)}" is not a file`);
    this.#bytes += size;
    if (this.#bytes > MAX_BYTES) {
      throw new TypeError(`its files are larger than ${MAX_BYTES} bytes`);
    }
    return textOf(await Deno.readFile(real), path);
  }

  /** The path without links. The plugin's own file may be a link to anywhere. */
  async #realPath(path: string): Promise<string> {
    const real = await Deno.realPath(path).catch((cause) => {
      if (path === this.#entry) throw cause;
      const reason = cause instanceof Deno.errors.NotFound
        ? `Module not found "${nameOf(path)}"`
        : `it imports "${nameOf(path)}", but ${systemReason(cause)}`;
      throw new TypeError(reason, { cause });
    });
    if (path === this.#entry) {
      if (isModuleName(path) && !isData(path)) return real;
      throw new TypeError(
        "it is neither TypeScript (.ts) nor JavaScript (.js)",
      );
    }
    const folder = this.#folder;
    const isOwn = isInside(real, await Deno.realPath(folder)) &&
      !isHidden(relative(folder, path));
    if (isOwn || await this.#mayRead(path, real)) return real;
    throw new TypeError(
      `it imports "${path}", which is not in its own folder, ` +
        "put a copy there or allow the plugin to read it",
    );
  }

  async #mayRead(path: string, real: string): Promise<boolean> {
    if (this.#permissions === "trusted") return true;
    const { read } = this.#permissions;
    if (typeof read === "boolean") return read;
    for (const granted of read) {
      const whole = resolve(granted);
      const place = await Deno.realPath(whole).catch(() => undefined);
      if (!isInside(path, whole) || place === undefined) continue;
      if (isInside(real, place)) return true;
    }
    return false;
  }
}

/** A replacement in a text. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly by: string | number;
}

function piecesOf(
  text: string,
  changes: readonly Change[],
): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  let done = 0;
  for (const { start, end, by } of changes.toSorted(byStart)) {
    pieces.push(text.slice(done, start), by);
    done = end;
  }
  return [...pieces, text.slice(done)];
}

function byStart(a: Change, b: Change): number {
  return a.start - b.start;
}

/** `import.meta` of a module in memory is wrong: a function takes its place. */
function metaChanges({ metas }: ParsedModule, text: string): Change[] {
  const by = `${metaName(text)}()`;
  return metas.map(({ start, end }) => ({ start, end, by }));
}

function metaFunction(
  { metas }: ParsedModule,
  text: string,
  { href }: URL,
): readonly string[] {
  if (metas.length === 0) return [];
  const filename = fileURLToPath(href);
  const meta = { url: href, filename, dirname: dirname(filename), main: false };
  const name = metaName(text);
  return [
    `\nfunction ${name}() { return ${name}.is ??= { ...${
      JSON.stringify(meta)
    }, resolve: (to) => new URL(to, ${JSON.stringify(href)}).href }; }\n`,
  ];
}

/** An unused name for that function. */
function metaName(text: string): string {
  for (let count = 0;; count += 1) {
    const name = `importMeta${count}`;
    if (!text.includes(name)) return name;
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`) ||
    folder === sep;
}

/** `.docker/config.json`: files of other programs beside a plugin are not its own. */
function isHidden(path: string): boolean {
  return path.split(sep).slice(0, -1).some((part) =>
    part.startsWith(".") && part !== ".."
  );
}

function nameOf(path: string): string {
  return path.slice(path.replaceAll("\\", "/").lastIndexOf("/") + 1);
}

function reasonOf(cause: unknown): string {
  return cause instanceof TypeError ? cause.message : systemReason(cause);
}

/** @throws {TypeError} When the text is not in UTF-8. */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return decodeUserText(bytes);
  } catch (cause) {
    if (!(cause instanceof Utf16Error)) throw cause;
    const reason = `"${nameOf(path)}" is in UTF-16, save it as UTF-8`;
    throw new TypeError(reason, { cause });
  }
}
