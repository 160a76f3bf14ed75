/**
 * Sites on other people's servers. Each says what it got.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../testing/free_port.ts";
import { RawClient } from "../../testing/raw_client.ts";
import { run, TestProcess } from "../../testing/process.ts";
import { within } from "../../testing/deadline.ts";
import { program } from "../tools.ts";

/** A running site. */
export interface RealOrigin extends AsyncDisposable {
  readonly port: number;
  /** Whether it says the content of requests too. */
  readonly tellsContent: boolean;
  /** `GET /next|` of each request that it has answered, in order; without the content where it does not tell it. */
  seen(): Promise<readonly string[]>;
}

/** What a server is started with. */
interface Surroundings {
  readonly port: number;
  /** An empty folder of its own. */
  readonly folder: string;
}

/** How a server is started, and where it writes what it gets. */
interface Plan {
  readonly command: string;
  readonly args: readonly string[];
  /** Its file with a line for each request; without it, its standard output. */
  readonly log?: string;
}

const BUILD_TIMEOUT = 180_000;

/** Node.js, its `http`. */
export function startNode(node: string): Promise<RealOrigin> {
  return start(({ port }) => ({
    command: node,
    args: [beside("node_origin.mjs"), String(port)],
  }));
}

/** Go, its `net/http`. */
export function startGo(): Promise<RealOrigin> {
  return start(async ({ port, folder }) => {
    const binary = join(folder, "origin");
    const { code, stderr } = await run(
      program("go"),
      ["build", "-o", binary, beside("go_origin.go")],
      { ms: BUILD_TIMEOUT, env: { GO111MODULE: "off" } },
    );
    if (code !== 0) throw new Error(`Cannot build the site: ${stderr}`);
    return { command: binary, args: [String(port)] };
  });
}

/** Python's uvicorn. */
export function startUvicorn(): Promise<RealOrigin> {
  return start(({ port }) => ({
    command: program("uvicorn"),
    args: [
      `--app-dir=${beside(".")}`,
      `--port=${port}`,
      "--no-access-log",
      "uvicorn_origin:app",
    ],
  }));
}

/** nginx, which answers by its configuration. */
export function startNginx(): Promise<RealOrigin> {
  return start(async ({ port, folder }) => {
    const log = join(folder, "requests");
    const config = await writeConfig(
      folder,
      `
      daemon off; master_process off; pid ${folder}/pid;
      error_log ${folder}/errors;
      events {}
      http {
        log_format seen "$request_method $request_uri|";
        access_log ${log} seen;
        client_body_temp_path ${folder}; proxy_temp_path ${folder};
        fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder};
        scgi_temp_path ${folder};
        server {
          listen 127.0.0.1:${port};
          location = /next { return 200 next; }
          location / { return 200 first; }
        }
      }`,
    );
    return { command: program("nginx"), args: ["-c", config], log };
  });
}

/** Apache, with files. */
export function startApache(): Promise<RealOrigin> {
  return start(async ({ port, folder }) => {
    const log = join(folder, "requests");
    const modules = "/usr/lib/apache2/modules";
    const site = await writeSite(folder);
    const config = await writeConfig(
      folder,
      `
      ServerName a.test
      Listen 127.0.0.1:${port}
      PidFile ${folder}/pid
      ErrorLog ${folder}/errors
      DefaultRuntimeDir ${folder}
      LoadModule mpm_event_module ${modules}/mod_mpm_event.so
      LoadModule authz_core_module ${modules}/mod_authz_core.so
      LoadModule dir_module ${modules}/mod_dir.so
      DocumentRoot ${site}
      DirectoryIndex index
      LogFormat "%r" seen
      CustomLog ${log} seen`,
    );
    return {
      command: program("apache2"),
      args: ["-f", config, "-X"],
      log,
    };
  });
}

/** lighttpd, with files. */
export function startLighttpd(): Promise<RealOrigin> {
  return start(async ({ port, folder }) => {
    const log = join(folder, "requests");
    const site = await writeSite(folder);
    const config = await writeConfig(
      folder,
      `
      server.modules = ("mod_indexfile", "mod_accesslog", "mod_staticfile")
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.document-root = "${site}"
      server.errorlog = "${folder}/errors"
      index-file.names = ("index")
      accesslog.filename = "${log}"
      accesslog.format = "%m %U|"`,
    );
    return { command: program("lighttpd"), args: ["-D", "-f", config], log };
  });
}

async function start(
  plan: (surroundings: Surroundings) => Plan | Promise<Plan>,
): Promise<RealOrigin> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "origin-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const port = freePort();
  const { command, args, log } = await plan({ port, folder });
  const process = stack.use(new TestProcess(command, args));
  await within(listens(port, process), `${command} to listen`);
  const parts = stack.move();
  return {
    port,
    tellsContent: log === undefined,
    async seen() {
      const text = log === undefined
        ? process.stdout
        : await Deno.readTextFile(log);
      return text.split("\n").filter((line) => /^[A-Z]+ \//.test(line))
        // Apache writes the whole request line.
        .map((line) => line.replace(/ HTTP\/1\.1$/, "|"));
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Resolves when somebody accepts connections. */
async function listens(port: number, process: TestProcess): Promise<void> {
  for (;;) {
    try {
      using _connection = await RawClient.connect({ port });
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (process.stderr.includes("rror")) throw new Error(process.stderr);
  }
}

async function writeConfig(folder: string, text: string): Promise<string> {
  const path = join(folder, "config");
  await Deno.writeTextFile(path, text);
  return path;
}

async function writeSite(folder: string): Promise<string> {
  const site = join(folder, "site");
  await Deno.mkdir(site);
  await Deno.writeTextFile(join(site, "index"), "first");
  await Deno.writeTextFile(join(site, "next"), "next");
  // Apache serves as another user when root starts it.
  await Deno.chmod(folder, 0o755);
  return site;
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
