/**
 * `deno task pack [FOLDER]`: the npm package, in `dist/npm`. It has the program
 * as JavaScript, because Deno reads no TypeScript below `node_modules`, and the
 * packages that the program imports, in the versions of `deno.lock`. Deno itself
 * is the only dependency that npm fetches.
 *
 * @module
 */
import { dirname, join } from "node:path";
import ts from "typescript";
import project from "../../deno.json" with { type: "json" };
import { importedPackages, type NpmPackage } from "./sbom.ts";

const PROJECT = join(import.meta.dirname ?? ".", "..", "..");

/** The version of Deno that the program is tested with. */
const DENO = Deno.version.deno;

/** What npm and npx start. */
const COMMAND = "src/npm/command.js";

/** What is packed besides `src/` and `plugins/`. */
const FILES = ["main.ts", "mod.ts", "LICENSE", "README.md", "CHANGELOG.md"];

/** Tests of packages; those of `bintrees` are larger than all else. */
const LEFT_OUT = ["test", "tests"];

/**
 * Writes the package into a folder, which must not exist.
 *
 * @throws {Error} If a file cannot be read or written.
 */
export async function packForNpm(folder: string): Promise<void> {
  for (const name of FILES) await addFile(name, folder);
  for (const name of ["src", "plugins"]) await addFolder(name, folder);
  for (const name of ["index", "playwright", "wdio"]) {
    await addDeclarations(`src/npm/${name}.ts`, folder);
  }
  const { version, unstable, permissions } = project;
  await writeJson(join(folder, "deno.json"), {
    version,
    unstable,
    permissions: { default: permissions.default },
  });
  const versions = await addPackages(join(folder, "node_modules"));
  await writeJson(join(folder, "package.json"), manifest(versions));
  // For npx in this folder; npm itself does it when it installs.
  if (Deno.build.os !== "windows") {
    await Deno.chmod(join(folder, COMMAND), 0o755);
  }
}

function manifest(versions: ReadonlyMap<string, string>): object {
  return {
    name: "sallyport",
    version: project.version,
    description:
      "Tunnel for testing: browsers in a test lab reach intranet sites",
    license: project.license,
    type: "module",
    engines: { node: ">=20" },
    bin: { sallyport: COMMAND },
    exports: {
      ".": { types: "./src/npm/index.d.ts", default: "./src/npm/index.js" },
      "./playwright": {
        types: "./src/npm/playwright.d.ts",
        default: "./src/npm/playwright.js",
      },
      "./wdio": {
        types: "./src/npm/wdio.d.ts",
        default: "./src/npm/wdio.js",
      },
      "./package.json": "./package.json",
    },
    dependencies: { deno: DENO, ...Object.fromEntries(versions) },
    bundleDependencies: [...versions.keys()],
  };
}

async function writeJson(path: string, value: object): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

async function addFolder(path: string, folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(join(PROJECT, path))) {
    const inner = `${path}/${name}`;
    if (isDirectory) await addFolder(inner, folder);
    else if (!name.endsWith(".md")) await addFile(inner, folder);
  }
}

/** A module becomes JavaScript. Its text stays where recipes and types are made from it. */
async function addFile(path: string, folder: string): Promise<void> {
  const target = join(folder, path);
  await Deno.mkdir(dirname(target), { recursive: true });
  const isModule = path.endsWith(".ts") && !path.endsWith(".d.ts");
  if (!isModule || TEXTS.test(path)) {
    await Deno.copyFile(join(PROJECT, path), target);
  }
  if (!isModule) return;
  const text = await read(path);
  await Deno.writeTextFile(
    target.replace(/ts$/, "js"),
    javascriptOf(text, path),
  );
}

/** Modules that the program also imports as text. */
const TEXTS = /^(?:plugins|src\/plugin\/api)\//;

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(PROJECT, path));
}

/** The types of a module, and of all that they need. */
async function addDeclarations(path: string, folder: string): Promise<void> {
  const target = join(folder, path.replace(/ts$/, "d.ts"));
  if (await exists(target)) return;
  const text = declarationsOf(await read(path), path);
  await Deno.writeTextFile(target, text);
  for (const [, specifier = ""] of text.matchAll(/"(\.[^"]*)\.js"/g)) {
    await addDeclarations(join(dirname(path), `${specifier}.ts`), folder);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  declaration: true,
};

/** `from "./a.ts"`, but not `from "./a.ts" with { type: "text" }`. */
const MODULE = /((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"(?!\s*with\b)/g;

function javascriptOf(text: string, path: string): string {
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: OPTIONS,
  });
  return outputText.replace(MODULE, '$1.js"');
}

function declarationsOf(text: string, path: string): string {
  const { outputText } = ts.transpileDeclaration(text, {
    fileName: path,
    compilerOptions: OPTIONS,
  });
  return outputText.replace(MODULE, '$1.js"');
}

/**
 * Copies the packages that the program imports. Of a package with several
 * versions, the one that most others need is at the top, and the others lie
 * inside those that need them.
 *
 * @returns The version of each package at the top.
 */
async function addPackages(
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const packages = new Map(await importedPackages());
  const top = new Map<string, NpmPackage>();
  for (const each of packages.values()) {
    const other = top.get(each.name);
    const isWanted = other === undefined ||
      uses(each, packages) > uses(other, packages);
    if (isWanted) top.set(each.name, each);
  }
  for (const each of top.values()) {
    const target = join(folder, each.name);
    await addPackage(each, target);
    for (const id of each.dependencies) {
      const needed = packages.get(id);
      if (needed === undefined || top.get(needed.name) === needed) continue;
      await addPackage(needed, join(target, "node_modules", needed.name));
    }
  }
  return new Map(
    [...top].toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([name, { version }]) => [name, version]),
  );
}

/** How many packages need this version. */
function uses(
  { name, version }: NpmPackage,
  packages: ReadonlyMap<string, NpmPackage>,
): number {
  return [...packages.values()].filter(({ dependencies }) =>
    dependencies.includes(`${name}@${version}`)
  ).length;
}

async function addPackage(
  { localPath }: NpmPackage,
  target: string,
): Promise<void> {
  await Deno.mkdir(target, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(localPath)) {
    const from = join(localPath, name);
    if (LEFT_OUT.includes(name)) continue;
    if (isDirectory) await copyFolder(from, join(target, name));
    else if (isNeeded(name)) await Deno.copyFile(from, join(target, name));
  }
}

/** Maps and what Deno notes about its cache are of no use. */
function isNeeded(name: string): boolean {
  return !name.endsWith(".map") && name !== ".initialized";
}

async function copyFolder(from: string, target: string): Promise<void> {
  await Deno.mkdir(target, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(target, name));
    else if (isNeeded(name)) {
      await Deno.copyFile(join(from, name), join(target, name));
    }
  }
}

if (import.meta.main) {
  const [folder = join(PROJECT, "dist", "npm")] = Deno.args;
  await packForNpm(folder);
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(folder);
}
