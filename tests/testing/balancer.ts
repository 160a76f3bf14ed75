/**
 * Balancers and proxies of other people before a server, with the very
 * configuration files of `.github/deploy/`: only ports and paths are replaced.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestAuthority } from "./certs.ts";
import { within } from "./deadline.ts";
import { freePort, untilTaken } from "./free_port.ts";
import { TestProcess } from "./process.ts";

/** A file of `.github/deploy/`, without its extension. */
export type BalancerName = "nginx" | "haproxy" | "haproxy-tcp" | "envoy";

/** The ports of the server behind it. */
export interface BehindPorts {
  /** REST API, page and clients. */
  readonly site: number;
  /** The proxy for browsers. */
  readonly proxy: number;
}

/** A running balancer; disposing it ends it. */
export interface Balancer extends AsyncDisposable {
  /** Where REST API, page and clients are: `https://127.0.0.1:port`. */
  readonly url: string;
  /** The proxy for browsers. */
  readonly proxyPort: number;
  /** Sends everybody to `url`; `undefined` if there is none. */
  readonly plainPort: number | undefined;
  /** The authority of its certificate, in PEM, and in a file. */
  readonly ca: string;
  readonly caFile: string;
}

/** What stands in place of what; each must be in the file. */
type Replacements = readonly (readonly [from: string, to: string])[];

interface Places {
  readonly https: number;
  readonly http: number;
  readonly browsers: number;
  readonly behind: BehindPorts;
  /** A folder with certificates, where the program may write. */
  readonly folder: string;
}

interface Recipe {
  readonly file: string;
  readonly command: "nginx" | "haproxy" | "envoy";
  readonly replace: (places: Places) => Replacements;
  readonly args: (config: string, folder: string) => readonly string[];
}

const CERTIFICATE = "/etc/sallyport/";

const RECIPES: Readonly<Record<BalancerName, Recipe>> = {
  nginx: {
    file: "nginx.conf",
    command: "nginx",
    replace: ({ https, http, browsers, behind, folder }) => [
      ["listen [::]:443 ssl http2;", ""],
      ["listen [::]:80;", ""],
      ["listen [::]:8080;", ""],
      ["listen 443 ssl", `listen 127.0.0.1:${https} ssl`],
      ["listen 80;", `listen 127.0.0.1:${http};`],
      ["listen 8080;", `listen 127.0.0.1:${browsers};`],
      ["server 127.0.0.1:8443", `server 127.0.0.1:${behind.site}`],
      ["proxy_pass 127.0.0.1:8081", `proxy_pass 127.0.0.1:${behind.proxy}`],
      ["https://$host$request_uri", `https://127.0.0.1:${https}$request_uri`],
      [
        "access_log off;",
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
          .map((each) => `${each}_temp_path ${folder}/${each};`)
          .join(" ") + " access_log off;",
      ],
      [CERTIFICATE, `${folder}/`],
    ],
    args: (config, folder) => [
      ...["-c", config, "-g"],
      "daemon off; master_process off; error_log stderr; " +
      `pid ${folder}/nginx.pid;`,
    ],
  },
  haproxy: {
    file: "haproxy.cfg",
    command: "haproxy",
    replace: ({ https, http, browsers, behind, folder }) => [
      ["bind :443 ", `bind 127.0.0.1:${https} `],
      ["bind :80\n", `bind 127.0.0.1:${http}\n`],
      ["bind :8080\n", `bind 127.0.0.1:${browsers}\n`],
      ["sallyport 127.0.0.1:8443", `sallyport 127.0.0.1:${behind.site}`],
      ["sallyport 127.0.0.1:8081", `sallyport 127.0.0.1:${behind.proxy}`],
      [CERTIFICATE, `${folder}/`],
    ],
    args: (config) => ["-db", "-f", config],
  },
  "haproxy-tcp": {
    file: "haproxy-tcp.cfg",
    command: "haproxy",
    replace: ({ https, browsers, behind }) => [
      ["bind :443\n", `bind 127.0.0.1:${https}\n`],
      ["bind :8080\n", `bind 127.0.0.1:${browsers}\n`],
      ["sallyport 127.0.0.1:8443", `sallyport 127.0.0.1:${behind.site}`],
      ["sallyport 127.0.0.1:8081", `sallyport 127.0.0.1:${behind.proxy}`],
    ],
    args: (config) => ["-db", "-f", config],
  },
  envoy: {
    file: "envoy.yaml",
    command: "envoy",
    replace: ({ https, browsers, behind, folder }) => [
      [
        'address: "::", port_value: 443, ipv4_compat: true',
        `address: 127.0.0.1, port_value: ${https}`,
      ],
      [
        'address: "::", port_value: 8080, ipv4_compat: true',
        `address: 127.0.0.1, port_value: ${browsers}`,
      ],
      ["port_value: 8443", `port_value: ${behind.site}`],
      ["port_value: 8081", `port_value: ${behind.proxy}`],
      [CERTIFICATE, `${folder}/`],
    ],
    args: (config) => [
      ...["-c", config, "--concurrency", "1", "-l", "warning"],
      "--disable-hot-restart",
    ],
  },
};

/**
 * Starts one; resolves when it accepts connections. A test says `needs()` of its
 * program.
 *
 * @param without A part of the file that is left out.
 */
export async function startBalancer(
  name: BalancerName,
  behind: BehindPorts,
  without = "",
): Promise<Balancer> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "sallyport-balancer-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const recipe = RECIPES[name];
  const ca = await writeCertificates(folder);
  const [https, http, browsers] = [freePort(), freePort(), freePort()];
  const places = { https, http, browsers, behind, folder };
  const config = join(folder, recipe.file);
  const text = await Deno.readTextFile(configOf(recipe.file));
  const leftOut: Replacements = without === "" ? [] : [[without, ""]];
  const replacements = [...recipe.replace(places), ...leftOut];
  await Deno.writeTextFile(config, replaced(text, replacements));
  stack.use(
    new TestProcess(recipe.command, recipe.args(config, folder)),
  );
  for (const port of [https, browsers]) {
    await within(untilTaken(port), `${name} to accept connections`);
  }
  const hasPlain = name === "nginx" || name === "haproxy";
  const parts = stack.move();
  return {
    url: `https://127.0.0.1:${https}`,
    proxyPort: browsers,
    plainPort: hasPlain ? http : undefined,
    ca,
    caFile: join(folder, "ca.pem"),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The path of a file of `.github/deploy/`. */
function configOf(file: string): string {
  return fileURLToPath(
    new URL(`../../.github/deploy/${file}`, import.meta.url),
  );
}

function replaced(text: string, replacements: Replacements): string {
  let result = text;
  for (const [from, to] of replacements) {
    assert.ok(result.includes(from), `the file has no "${from}" any more`);
    result = result.replaceAll(from, to);
  }
  return result;
}

/** @returns The authority. */
async function writeCertificates(folder: string): Promise<string> {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["127.0.0.1", "localhost"]);
  const files = {
    "lab.example.crt": cert,
    "lab.example.key": key,
    "lab.example.pem": `${cert}\n${key}`,
    "ca.pem": authority.ca,
  };
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), content);
  }
  return authority.ca;
}
