// The files beside a plugin that are for editors, `tsc` and `deno check`. The
// program reads none of them.
import { TYPES_FILE } from "./plugin_types.ts";

/** A file, and its whole text. */
export interface EditorFile {
  readonly name: string;
  readonly text: string;
}

/** The name under which plugins import their types. */
const MODULE = "sallyport";

/** What the interfaces of the web, of Node.js and of Deno are in the sandbox. */
const PLATFORM_TYPES = `\
// What plugins use of Node.js and Deno, for a tsc that knows neither. Made by
// "sallyport plugin new".
declare namespace Deno {
  function readTextFile(path: string | URL): Promise<string>;
  function readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
  function writeTextFile(
    path: string | URL,
    text: string,
    options?: {
      readonly append?: boolean;
      readonly create?: boolean;
      readonly createNew?: boolean;
    },
  ): Promise<void>;
  function resolveDns(
    name: string,
    type: "A" | "AAAA" | "CNAME" | "PTR",
    options?: { readonly signal?: AbortSignal },
  ): Promise<string[]>;
  const env: { get(name: string): string | undefined };
  namespace errors {
    class NotFound extends Error {}
    class AlreadyExists extends Error {}
    class NotCapable extends Error {}
  }
}
declare module "node:timers/promises" {
  export function setTimeout<T = void>(
    delay?: number,
    value?: T,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
}
declare module "node:assert";
declare module "node:buffer";
declare module "node:crypto";
declare module "node:path";
declare module "node:querystring";
declare module "node:string_decoder";
declare module "node:url";
declare module "node:zlib";
`;

const COMPILER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

/** Written again with each new plugin: those of an older version would not fit. */
export const PLATFORM_FILE: EditorFile = {
  name: "sallyport_platform.d.ts",
  text: PLATFORM_TYPES,
};

/** Written once. They are the user's from then on. */
export const PROJECT_FILES: readonly EditorFile[] = [
  {
    name: "tsconfig.json",
    text: json({
      compilerOptions: {
        ...COMPILER,
        noEmit: true,
        target: "esnext",
        lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
        module: "preserve",
        moduleResolution: "bundler",
        moduleDetection: "force",
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: true,
        types: [],
        paths: { [MODULE]: [`./${TYPES_FILE}`] },
      },
      include: ["**/*.ts", "**/*.mts"],
    }),
  },
  {
    name: "deno.json",
    text: json({
      imports: { [MODULE]: `./${TYPES_FILE}` },
      compilerOptions: COMPILER,
    }),
  },
];

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
