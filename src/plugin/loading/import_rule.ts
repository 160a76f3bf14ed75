/* What a plugin may import: files of its own folder, and a few other modules. */
import type { FoundImport } from "./find_imports.ts";
import type { PluginPermissions } from "../api/permissions.ts";

/** The target of an import: a file, or a module of the program or the runtime. */
export type ImportTarget =
  | { readonly kind: "file"; readonly url: URL }
  | { readonly kind: "builtin" };

/** Code and data that can be checked. `.tsx` imports a module that it does not name. */
const CODE = /\.m?[jt]s$/;
const DATA = /\.json$/;

/** Packages that the program provides to plugins. */
const PACKAGES: readonly string[] = ["zod"];

/**
 * Modules of Node.js that only compute. Others act on the whole program
 * (`node:process`), run unchecked code (`node:vm`, `node:module`) or write past
 * the log (`node:fs`, `node:tty`).
 */
const SAFE_NODE_MODULES: readonly string[] = [
  "node:assert",
  "node:assert/strict",
  "node:buffer",
  "node:crypto",
  "node:path",
  "node:path/posix",
  "node:path/win32",
  "node:querystring",
  "node:string_decoder",
  "node:timers/promises",
  "node:url",
  "node:zlib",
];

/** Whether the name of a file is that of a module that can be checked. */
export function isModuleName(path: string): boolean {
  return CODE.test(path) || DATA.test(path);
}

/** Whether the name of a file is that of data. */
export function isData(path: string): boolean {
  return DATA.test(path);
}

/**
 * Resolves an import.
 *
 * @param from The URL of the importing file.
 * @throws {TypeError} With the reason, when a plugin may not import it.
 */
export function importTarget(
  { specifier, type }: FoundImport,
  { from, permissions }: {
    readonly from: URL;
    readonly permissions: PluginPermissions;
  },
): ImportTarget {
  if (specifier === undefined) {
    throw new TypeError(
      'it imports a computed name, write a literal like "./names.ts"',
    );
  }
  const url = /^(?:\.{0,2}\/|file:)/.test(specifier)
    ? new URL(specifier, from)
    : undefined;
  if (url === undefined) return builtinTarget(specifier, permissions);
  const path = url.pathname;
  const wanted = isData(path) ? "json" : undefined;
  if (!isModuleName(path)) {
    throw new TypeError(
      `it imports "${specifier}", which is neither TypeScript (.ts) nor ` +
        "JavaScript (.js) nor JSON",
    );
  }
  if (type !== wanted) {
    throw new TypeError(
      `it imports "${specifier}" ${type ? `as "${type}"` : "as a module"}, ` +
        (wanted === undefined
          ? "remove the attribute"
          : 'write with { type: "json" }'),
    );
  }
  return { kind: "file", url };
}

function builtinTarget(
  specifier: string,
  permissions: PluginPermissions,
): ImportTarget {
  if (PACKAGES.includes(specifier)) return { kind: "builtin" };
  if (specifier.startsWith("node:")) {
    const isFree = permissions === "trusted" ||
      SAFE_NODE_MODULES.includes(specifier);
    if (isFree) return { kind: "builtin" };
    throw new TypeError(
      `it imports "${specifier}", which only trusted plugins may`,
    );
  }
  const [scheme] = /^[a-z][a-z\d+.-]*:/i.exec(specifier) ?? [];
  throw new TypeError(
    scheme === undefined
      ? `it imports "${specifier}", but the only packages for plugins are ` +
        `${PACKAGES.join(", ")}; use "import type" for types`
      : `it imports "${specifier}", but plugins load nothing from "${scheme}", ` +
        "put a copy into its folder",
  );
}
