/**
 * Which programs a test needs. On a machine without them the test is ignored
 * and the reason printed; in CI, where `.ci/install` installs them, that is an
 * error.
 *
 * `process.ts` starts no other programs than these and the running one.
 *
 * @module
 */
import { delimiter, join } from "node:path";

/** Where a program comes from. */
interface Source {
  /** Debian's package; `undefined` where it has none. */
  readonly package?: string;
  /** The program that `.ci/install` needs to build it. Without that program it may be missing in CI too. */
  readonly builtWith?: string;
  /** The file names it goes by, where that is not only its own name. */
  readonly names?: readonly string[];
}

/** What tests start besides the program itself. */
const TOOLS = {
  bash: { package: "bash" },
  cat: { package: "coreutils" },
  chromedriver: { package: "chromium-driver" },
  chromium: {
    package: "chromium",
    names: ["chromium", "chromium-browser", "google-chrome", "chrome"],
  },
  curl: { package: "curl" },
  dpkg: { package: "dpkg" },
  dnsmasq: { package: "dnsmasq-base" },
  envoy: { builtWith: "pip3" },
  fish: { package: "fish" },
  git: { package: "git" },
  haproxy: { package: "haproxy" },
  h2load: { package: "nghttp2-client" },
  h2spec: { builtWith: "go" },
  ip: { package: "iproute2" },
  logrotate: { package: "logrotate" },
  ls: { package: "coreutils" },
  microsocks: { package: "microsocks" },
  nghttp: { package: "nghttp2-client" },
  nghttpx: { package: "nghttp2-proxy" },
  nginx: { package: "nginx-light" },
  // Comes with npm, which starts Deno.
  node: {},
  npm: {},
  npx: {},
  openssl: { package: "openssl" },
  pebble: { builtWith: "go" },
  pkill: { package: "procps" },
  podman: { package: "podman" },
  prlimit: { package: "util-linux" },
  promtool: { package: "prometheus" },
  // Comes with the machines of CI; Debian has no package of it.
  pwsh: {},
  python3: { package: "python3" },
  runc: { package: "runc" },
  script: { package: "bsdutils" },
  sh: { package: "dash" },
  squid: { package: "squid" },
  "systemd-analyze": { package: "systemd" },
  unshare: { package: "util-linux" },
  zsh: { package: "zsh" },
} as const;

/** A program that some tests need. */
export type Tool = keyof typeof TOOLS;

/** Every program that tests may start, and where it comes from. */
export const SOURCES: Readonly<Record<Tool, Source>> = TOOLS;

/** Whether tests may start a program of this name. */
export function isTool(name: string): name is Tool {
  return Object.hasOwn(TOOLS, name);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see: not a program that can be started.
    return false;
  }
}

function findOnPath(names: readonly string[]): string | undefined {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  return (Deno.env.get("PATH") ?? "").split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name + suffix)))
    .find(isFile);
}

/**
 * The path of a program: what the variable of its name in capitals says
 * (`CHROMIUM`), else the first one found on `PATH`, else `undefined`.
 */
export function findTool(tool: Tool): string | undefined {
  const told = Deno.env.get(tool.toUpperCase());
  // Some of these names mean something else to others: `ZSH` can be a folder.
  if (told !== undefined && isFile(told)) return told;
  return findOnPath(SOURCES[tool].names ?? [tool]);
}

/** What the tests of this file have said they need; each file has its own. */
const declared = new Set<Tool>();

/**
 * The path of a program that a test has said it needs.
 *
 * @throws When no test of this file said so, on every machine: without that it
 * would fail, and not be ignored, where the program is missing. When the
 * program is missing.
 */
export function requireTool(tool: Tool): string {
  if (!declared.has(tool)) {
    throw new Error(
      `Cannot start "${tool}": the test does not say needs("${tool}")`,
    );
  }
  const path = findTool(tool);
  if (path !== undefined) return path;
  throw new Error(`Cannot start "${tool}": it is not on this machine`);
}

/**
 * What a test adds to its definition: `Deno.test({ ...needs("curl"), name, fn })`.
 *
 * @throws In CI on Linux, when a program is missing.
 */
export function needs(...tools: readonly Tool[]): { readonly ignore: boolean } {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  for (const tool of missing) {
    if (!declared.has(tool)) report(tool);
  }
  for (const tool of tools) declared.add(tool);
  return { ignore: missing.length > 0 };
}

function report(tool: Tool): void {
  const source = SOURCES[tool];
  if (
    Deno.env.get("CI") === "true" && Deno.build.os === "linux" &&
    (source.builtWith === undefined || findOnPath([source.builtWith]))
  ) {
    throw new Error(
      `Cannot test with "${tool}": .ci/install did not install it`,
    );
  }
  const from = source.package === undefined
    ? ""
    : `install Debian's package ${source.package}, or `;
  // deno-lint-ignore no-console -- the reason belongs beside "ignored"
  console.info(
    `Without "${tool}" some tests are ignored; ` +
      `${from}set ${tool.toUpperCase()} to its path`,
  );
}
