/**
 * Upstream proxies by other people: Squid for HTTP and
 * HTTPS, microsocks for SOCKS 5.
 *
 * @module
 */
import { join } from "node:path";
import { within } from "./deadline.ts";
import { freePort } from "./free_port.ts";
import { requireTool } from "./needs.ts";
import { TestProcess } from "./process.ts";

/** A running proxy; disposing it ends it. */
export interface Upstream extends AsyncDisposable {
  readonly port: number;
  /** What it wrote about the requests that it carried, one line each; Squid tells of a CONNECT when it is over. */
  requests(): Promise<string>;
  /** Waits until it has written what matches. */
  told(pattern: RegExp): Promise<void>;
}

/** What Squid is started with. */
export interface SquidOptions {
  /** The only user that it lets in. Default: everybody. Any password is right. */
  readonly user?: string;
  /** Takes TLS with this certificate and key. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** More of its configuration. */
  readonly lines?: string;
}

/** Starts Squid, which keeps nothing and takes requests for ports above 1023 too. */
export async function startSquid(
  { user, tls, lines = "" }: SquidOptions = {},
): Promise<Upstream> {
  const folder = await Deno.makeTempDir({ prefix: "sallyport-squid-" });
  const port = freePort();
  const path = (name: string) => join(folder, name);
  await Deno.writeTextFile(path("tls.pem"), `${tls?.cert}\n${tls?.key}`);
  await Deno.writeTextFile(
    path("squid.conf"),
    [
      tls === undefined
        ? `http_port 127.0.0.1:${port}`
        : `https_port 127.0.0.1:${port} tls-cert=${path("tls.pem")}`,
      ...user === undefined ? ["http_access allow all"] : [
        "auth_param basic program /usr/lib/squid/basic_fake_auth",
        `acl known proxy_auth ${user}`,
        "http_access allow known",
        "http_access deny all",
      ],
      "cache deny all",
      lines,
      "strip_query_terms off",
      "shutdown_lifetime 0 seconds",
      "pid_filename none",
      "visible_hostname squid.test",
      `coredump_dir ${folder}`,
      `cache_log ${path("cache.log")}`,
      `access_log stdio:${path("access.log")}`,
      "logfile_rotate 0",
      "buffered_logs off",
    ].join("\n"),
  );
  // It gives up root before it opens its logs.
  await Deno.chmod(folder, 0o777);
  const squid = new TestProcess(requireTool("squid"), [
    ...["-N", "-f", path("squid.conf")],
  ]);
  await untilOpen(port);
  const requests = () => Deno.readTextFile(path("access.log"));
  return {
    port,
    requests,
    told: (pattern) => within(untilTold(requests, pattern), `${pattern}`),
    async [Symbol.asyncDispose]() {
      await squid[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Starts microsocks, which lets in that user alone. */
export async function startSocks(
  { username, password }: {
    readonly username: string;
    readonly password: string;
  },
): Promise<Upstream> {
  const port = freePort();
  const socks = new TestProcess(requireTool("microsocks"), [
    ...["-i", "127.0.0.1", "-p", String(port), "-u", username, "-P", password],
  ]);
  await untilOpen(port);
  const requests = () => Promise.resolve(socks.stderr);
  return {
    port,
    requests,
    told: (pattern) => within(untilTold(requests, pattern), `${pattern}`),
    [Symbol.asyncDispose]: () => socks[Symbol.asyncDispose](),
  };
}

async function untilTold(
  requests: () => Promise<string>,
  pattern: RegExp,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(async () => {
    if (pattern.test(await requests())) resolve();
  }, 10);
  try {
    await promise;
  } finally {
    clearInterval(timer);
  }
}

async function untilOpen(port: number): Promise<void> {
  await within(tryUntilOpen(port), `port ${port} to open`);
}

async function tryUntilOpen(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (cause) {
      if (!(cause instanceof Deno.errors.ConnectionRefused)) throw cause;
    }
  }
}
