/**
 * What a plugin may import: files of its own folder, and few things besides.
 *
 * @module
 */
import type { FoundImport } from "./find_imports.ts";
import type { PluginPermissions } from "../api/permissions.ts";

/** What an import leads to: another file, or something that the program has. */
export type ImportTarget =
  | { readonly kind: "file"; readonly url: URL }
  | { readonly kind: "builtin" };

/** Code and data that can be checked; `.tsx` would import what it does not name. */
const CODE = /\.m?[jt]s$/;
const DATA = /\.json$/;

/** Packages that the program has for its plugins. */
const PACKAGES: readonly string[] = ["zod"];

/**
 * Modules of Node.js that compute and do nothing else. Others act on the whole
 * program (`node:process`), run code that was not checked (`node:vm`,
 * `node:module`) or write past the log (`node:fs`, `node:tty`).
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

/** Whether a file is a module that can be checked, by its name. */
export function isModuleName(path: string): boolean {
  return CODE.test(path) || DATA.test(path);
}

/** Whether a file is data, by its name. */
export function isData(path: string): boolean {
  return DATA.test(path);
}

/**
 * Says where an import leads.
 *
 * @param from The URL of the file that it stands in.
 * @throws {TypeError} With the reason, when no plugin may import it.
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
      'it imports what it computes, write the file as in "./names.ts" there',
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
          ? "leave the attribute out"
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
      ? `it imports "${specifier}", but of packages a plugin has only ` +
        `${PACKAGES.join(", ")}; write "import type" if only types are needed`
      : `it imports "${specifier}", but nothing is loaded from "${scheme}", ` +
        "put a copy into its folder",
  );
}
