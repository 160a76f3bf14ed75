/**
 * `deno task compile`: the program as one file, `dist/sallyport`.
 *
 * Further arguments go to `deno compile`, such as `--target` and `--output`.
 *
 * @module
 */
import { glob } from "node:fs/promises";
import { join } from "node:path";

const PROJECT = join(import.meta.dirname ?? ".", "..", "..");

/**
 * Folders of packages that stay out: `deno compile` 2.9 reads every file of a
 * package, takes the test data of `bintrees` (a list of 100,000 numbers) for
 * one expression and overflows its stack. The path depends on the machine's
 * cache and registry, so `deno.json` cannot name it.
 */
const LEFT_OUT = ["*/bintrees/*/test", "*/*/bintrees/*/test"];

/** Runs this very `deno` and gives its standard output. */
async function deno(
  args: readonly string[],
  { stdout = "inherit" }: { readonly stdout?: "inherit" | "piped" } = {},
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: PROJECT,
    stdin: "null",
    stdout,
    stderr: "inherit",
  });
  const output = await command.output();
  if (!output.success) Deno.exit(output.code);
  return stdout === "piped" ? new TextDecoder().decode(output.stdout) : "";
}

/** The folders that stay out, where they lie on this machine. */
async function leftOut(): Promise<string[]> {
  // What is not there yet could not be left out.
  await deno(["cache", "--quiet", "main.ts"]);
  const { npmCache } = JSON.parse(
    await deno(["info", "--json"], { stdout: "piped" }),
  );
  const found = await Array.fromAsync(glob(LEFT_OUT, { cwd: npmCache }));
  return found.map((path) => join(npmCache, path));
}

if (import.meta.main) {
  const isNamed = Deno.args.some((arg) => /^(-o|--output)\b/.test(arg));
  await deno([
    "compile",
    // The permissions of deno.json: what the program may do wherever it runs.
    "-P",
    // What it may not do fails; it never prompts while a request waits.
    "--no-prompt",
    // A cache would have a known name in a folder that all users share.
    "--no-code-cache",
    // 13 MB of packages instead of 27: no browser driver, no test tools.
    "--exclude-unused-npm",
    ...(await leftOut()).flatMap((path) => ["--exclude", path]),
    ...isNamed ? [] : ["--output", join("dist", "sallyport")],
    ...Deno.args,
    "main.ts",
  ]);
}
