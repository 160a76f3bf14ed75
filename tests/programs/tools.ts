/**
 * Other people's programs that `.ci/nightly` installs. A test that needs one is
 * ignored, and says why, where it is not there: also in CI, which does not
 * install them.
 *
 * @module
 */
import { delimiter, join } from "node:path";

/** Where `.ci/nightly` puts programs that are not packages of the system. */
export const TOOLS: string = Deno.env.get("NIGHTLY_TOOLS") ??
  join(Deno.env.get("HOME") ?? "", ".cache", "sallyport-nightly");

/** Daemons are not on the PATH of every user. */
const DAEMONS: readonly string[] = ["/usr/local/sbin", "/usr/sbin"];

/** The path of a program; `undefined` where it is not installed. */
export function findProgram(name: string): string | undefined {
  return [
    join(TOOLS, "bin"),
    join(TOOLS, "venv", "bin"),
    join(TOOLS, "node_modules", ".bin"),
    ...(Deno.env.get("PATH") ?? "").split(delimiter),
    ...DAEMONS,
  ].map((folder) => join(folder, name)).find(isFile);
}

/** The path of a program that `installed()` has found. @throws When it is not there. */
export function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`"${name}" is not on this machine`);
  return path;
}

/** What a test adds to its definition: `Deno.test({ ...installed("nginx"), … })`. */
export function installed(
  ...names: readonly string[]
): { readonly ignore: boolean } {
  return needed(names.filter((name) => findProgram(name) === undefined));
}

/** The same for packages of npm: `ws`, `@wdio/sauce-service`. */
export function installedPackages(
  ...names: readonly string[]
): { readonly ignore: boolean } {
  return needed(
    names.filter((name) =>
      !isFile(join(TOOLS, "node_modules", name, "package.json"))
    ),
  );
}

/** The same for the environment of Python. */
export function installedPython(): { readonly ignore: boolean } {
  const path = join(TOOLS, "venv", "bin", "python");
  return needed(isFile(path) ? [] : [path]);
}

/** The same for a library of Java: `ci-sauce`. */
export function installedJar(name: string): { readonly ignore: boolean } {
  try {
    const jars = [...Deno.readDirSync(join(TOOLS, "jars"))];
    return needed(
      jars.some((jar) => jar.name.startsWith(`${name}-`)) ? [] : [
        name,
      ],
    );
  } catch {
    // No library of Java was installed.
    return needed([name]);
  }
}

function needed(missing: readonly string[]): { readonly ignore: boolean } {
  for (const name of missing) {
    // deno-lint-ignore no-console -- the reason belongs beside "ignored"
    console.info(
      `Without "${name}" some tests are ignored; .ci/nightly installs it`,
    );
  }
  return { ignore: missing.length > 0 };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see.
    return false;
  }
}
