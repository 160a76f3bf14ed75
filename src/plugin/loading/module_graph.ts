/**
 * Reads a plugin and all that it imports, and checks it before anything runs.
 *
 * A worker is given these texts, not the names of the files: what was checked
 * is what is loaded, even if a file changes meanwhile.
 *
 * @module
 */
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { systemReason } from "../../log/system_reason.ts";
import {
  findImports,
  ModuleSyntaxError,
  type ParsedModule,
} from "./find_imports.ts";
import { importTarget, isData, isModuleName } from "./import_rule.ts";
import type { PluginPermissions } from "../api/permissions.ts";

/** A file that was checked. */
export interface CheckedModule {
  /** A `file:` URL. */
  readonly url: string;
  readonly isData: boolean;
  /** Its text in pieces. A number stands for the import of the module at that index, quotes included. */
  readonly pieces: readonly (string | number)[];
}

/** Files that a plugin may be made of: a library that was copied has some dozens. */
const MAX_MODULES = 500;
/** All of them together, in bytes: they are read in a second or two, and kept as long as the plugin runs. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A reason why a plugin is not loaded, and where: `names.ts:3:8`. */
export class GraphError extends TypeError {
  /** File, line and column, as far as they are known. */
  readonly location: string | undefined;

  /** @param location File, line and column. */
  constructor(reason: string, location?: string, options?: ErrorOptions) {
    super(reason, options);
    this.location = location;
  }
}

/**
 * Reads and checks all modules of a plugin; each stands after those that it
 * imports, the plugin itself last.
 *
 * @param path The plugin's file, absolute.
 * @throws {GraphError} With the first reason why it may not be loaded.
 */
export async function readGraph(
  path: string,
  permissions: PluginPermissions,
): Promise<readonly CheckedModule[]> {
  const graph = new Graph(path, permissions);
  await graph.add(pathToFileURL(path));
  return graph.modules;
}

class Graph {
  readonly modules: CheckedModule[] = [];
  /** By URL: the index of a module, or that its imports are still being read. */
  readonly #known = new Map<string, number | "open">();
  readonly #entry: string;
  readonly #permissions: PluginPermissions;
  #bytes = 0;

  constructor(entry: string, permissions: PluginPermissions) {
    this.#entry = entry;
    this.#permissions = permissions;
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

  /** Trusted plugins are loaded from their files, which may. */
  #closeCircle({ pathname }: URL): number {
    if (this.#permissions === "trusted") return 0;
    throw new TypeError(
      `it imports "${nameOf(pathname)}" in a circle, put what both need ` +
        "into a third file",
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
      throw new TypeError(`it is made of more than ${MAX_MODULES} files`);
    }
    const real = await this.#realPath(path);
    const { isFile, size } = await Deno.stat(real);
    if (!isFile) throw new TypeError(`"${nameOf(path)}" is not a file`);
    this.#bytes += size;
    if (this.#bytes > MAX_BYTES) {
      throw new TypeError(`its files are larger than ${MAX_BYTES} bytes`);
    }
    return (await Deno.readTextFile(real)).replace(/^\uFEFF/, "");
  }

  /** Where the file really is. The plugin's own may be a link to anywhere. */
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
    const folder = dirname(this.#entry);
    const isOwn = isInside(real, await Deno.realPath(folder)) &&
      !isHidden(relative(folder, path));
    if (isOwn || await this.#mayRead(path, real)) return real;
    throw new TypeError(
      `it imports "${path}", which is not in its own folder, ` +
        "put a copy there or let the plugin read it",
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

/** What takes the place of a part of a text. */
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

/** A worker loads a module from memory: what it says about itself is told by a function. */
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

/** A name that the module does not use. */
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

/** `.docker/config.json`: what other programs keep beside a plugin is not its own. */
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
