/**
 * Which programs a test needs. On a machine without them it is ignored and the
 * reason printed; in CI, where `.ci/run` installs them, that is an error.
 *
 * @module
 */
import { delimiter, join } from "node:path";

/** What tests start besides the program itself, and the names it goes by. */
const TOOLS = {
  bash: ["bash"],
  chromium: ["chromium", "chromium-browser", "google-chrome", "chrome"],
  chromedriver: ["chromedriver"],
  curl: ["curl"],
  dnsmasq: ["dnsmasq"],
  fish: ["fish"],
  microsocks: ["microsocks"],
  nghttp: ["nghttp"],
  squid: ["squid"],
  zsh: ["zsh"],
} as const;

/** A program that some tests need. */
export type Tool = keyof typeof TOOLS;

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see: not a program that can be started.
    return false;
  }
}

/**
 * The path of a program: what the variable of its name in capitals says
 * (`CHROMIUM`), else the first one found on `PATH`, else `undefined`.
 */
export function findTool(tool: Tool): string | undefined {
  const told = Deno.env.get(tool.toUpperCase());
  if (told !== undefined) return told;
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  return (Deno.env.get("PATH") ?? "").split(delimiter)
    .flatMap((folder) => TOOLS[tool].map((name) => join(folder, name + suffix)))
    .find(isFile);
}

/**
 * The path of a program that is known to be there.
 *
 * @throws When it is not: the test did not say that it needs it.
 */
export function requireTool(tool: Tool): string {
  const path = findTool(tool);
  if (path !== undefined) return path;
  throw new Error(`Cannot start "${tool}": it is not on this machine`);
}

const reported = new Set<Tool>();

/**
 * What a test adds to its definition: `Deno.test({ ...needs("curl"), name, fn })`.
 *
 * @throws In CI on Linux, when a program is missing.
 */
export function needs(...tools: readonly Tool[]): { readonly ignore: boolean } {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  for (const tool of missing) report(tool);
  return { ignore: missing.length > 0 };
}

function report(tool: Tool): void {
  if (Deno.env.get("CI") === "true" && Deno.build.os === "linux") {
    throw new Error(`Cannot test with "${tool}": .ci/run did not install it`);
  }
  if (reported.has(tool)) return;
  reported.add(tool);
  // deno-lint-ignore no-console -- the reason belongs beside "ignored"
  console.info(
    `Without "${tool}" some tests are ignored; set ${tool.toUpperCase()} to its path`,
  );
}
