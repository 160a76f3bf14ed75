/**
 * Programs of others that speak HTTP/2. Where one is missing, its tests are
 * ignored and the reason printed.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import { within } from "../testing/deadline.ts";

/** Where programs are that not every user has on the `PATH`: daemons, and what `go install` builds. */
const MORE_FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  join(Deno.env.get("HOME") ?? "/", "go", "bin"),
];

/** What to install for a program that is missing. */
const SOURCES = {
  curl: "the package curl",
  h2load: "the package nghttp2-client",
  h2spec:
    "go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
  nghttp: "the package nghttp2-client",
  nghttpx: "the package nghttp2-proxy",
  node: "Node.js",
} as const;

/** A program that some of these tests start. */
export type Program = keyof typeof SOURCES;

const reported = new Set<Program>();

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see: not a program that can be started.
    return false;
  }
}

/** The path of a program: what the variable of its name in capitals says, else where it is found, else `undefined`. */
export function findProgram(program: Program): string | undefined {
  const told = Deno.env.get(program.toUpperCase());
  if (told !== undefined) return told;
  return [...(Deno.env.get("PATH") ?? "").split(delimiter), ...MORE_FOLDERS]
    .map((folder) => join(folder, program)).find(isFile);
}

/** What a test adds to its definition: `Deno.test({ ...withProgram("nghttp"), name, fn })`. */
export function withProgram(program: Program): { readonly ignore: boolean } {
  const isMissing = findProgram(program) === undefined;
  if (isMissing && !reported.has(program)) {
    reported.add(program);
    // deno-lint-ignore no-console -- the reason belongs beside "ignored"
    console.info(
      `Without "${program}" some tests are ignored; it is in ${
        SOURCES[program]
      }`,
    );
  }
  return { ignore: isMissing };
}

/** What a program wrote, and how it ended. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The path of a program that is known to be there.
 *
 * @throws When it is not: the test did not say that it needs it.
 */
export function requireProgram(program: Program): string {
  const path = findProgram(program);
  if (path !== undefined) return path;
  throw new Error(
    `Cannot start "${program}": it is not on this machine, see ${
      SOURCES[program]
    }`,
  );
}

/**
 * Starts a program and waits for its end.
 *
 * @throws When it is missing, or takes longer than `ms`.
 */
export async function run(
  program: Program,
  args: readonly string[],
  { ms = 60_000 }: { readonly ms?: number } = {},
): Promise<Output> {
  await using child = new Deno.Command(requireProgram(program), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = await within(child.output(), `the end of ${program}`, ms);
  const text = new TextDecoder();
  return {
    code: output.code,
    stdout: text.decode(output.stdout),
    stderr: text.decode(output.stderr),
  };
}
