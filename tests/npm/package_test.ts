/**
 * The npm package, as people get it: packed, installed into an empty folder, and
 * run by Node.js without a network where the system can take it away.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  startServerProgram,
  temporaryDirectory,
} from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { type Exit, run, TestProcess } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import { type Installation, installInto } from "./installation.ts";
import { playPlaywright } from "./play_playwright.ts";
import { playGuideToCi } from "./play_script.ts";

/** What a person writes who has the package and nothing else. */
const TYPED = `
import { type Plugin, startTunnel, type Tunnel, TunnelError } from "sallyport";

import { tunnelSetup, withTunnel } from "sallyport/playwright";
import { TunnelService } from "sallyport/wdio";

const own = { server: "https://a", user: "a", accessKey: "b", name: "c" };
export default tunnelSetup({ ...own, proxyLocalhost: "allow" });
declare function base(title: string): void;
withTunnel(base, { har: "always" })("a title");
new TunnelService({ ...own, harDir: "har" });

export const plugin: Plugin = {
  match: { host: "a.test" },
  request({ headers }) {
    headers.set("X-Test", "1");
  },
};
const options = { server: "https://a", user: "a", accessKey: "b", name: "c" };
const tunnel: Tunnel = await startTunnel({
  ...options,
  plugins: ["./a.ts", { use: "./b.ts", options: { times: 2 } }],
  httpDialTimeout: "3s",
});
try {
  await tunnel.stop({ reason: tunnel.proxyFor("t1").username + tunnel.url });
} catch (error) {
  if (error instanceof TunnelError) throw new Error(error.code);
}
// @ts-expect-error There is no such option.
await startTunnel({ ...options, nope: 1 });
`;

/** Options of a tunnel, in the text of a script. */
function optionsFor(server: ServerProgram, more = ""): string {
  return `{
    server: ${JSON.stringify(server.url)},
    user: ${JSON.stringify(USER.name)},
    accessKey: process.env.KEY,
    name: "lab",
    cacertFile: [${JSON.stringify(server.caFile)}],
    proxyLocalhost: "allow",
    tunnelConnections: 1,
    ${more}
  }`;
}

/** Stands for a test runner: asks for a page, and ends as if tests had failed. */
const RUNNER = `
  const proxy = new URL(process.env.SALLYPORT_PROXY);
  const login = [proxy.username, proxy.password].map(decodeURIComponent);
  require("node:http").get({
    host: proxy.hostname,
    port: proxy.port,
    path: process.argv[1],
    headers: {
      "Proxy-Authorization":
        "Basic " + Buffer.from(login.join(":")).toString("base64"),
    },
  }, ({ statusCode }) => {
    console.log(statusCode, process.env.SALLYPORT_TUNNEL_NAME);
    process.exit(3);
  });
`;

/** What the example for Playwright needs besides. */
const PACKAGES = ["@playwright/test@1.65.1"] as const;

/** Runs the command of the package as npx does. */
function npx(
  { folder }: Installation,
  ...args: readonly string[]
): Promise<Exit> {
  return run("npx", ["--offline", "sallyport", ...args], {
    cwd: folder,
    env: { npm_config_update_notifier: "false" },
    ms: 120_000,
  });
}

Deno.test({
  ...needs("npm", "npx", "node", "curl", "chromium", "bash", "sh"),
  name: "the npm package runs, starts tunnels for Node.js, and has types",
  async fn(t) {
    await using parent = await temporaryDirectory();
    await using origin = await startOrigin();
    await using server = await startServerProgram();
    const installation = await installInto(parent.path, PACKAGES);
    const { folder, node } = installation;
    const secret = { KEY: USER.key };
    const page = `http://127.0.0.1:${origin.port}/status/200`;

    await t.step("npx sallyport demo sends a request through", async () => {
      const { code, stdout, stderr } = await npx(
        installation,
        "demo",
        "--once",
      );

      assert.equal(code, 0, stderr);
      assert.match(stdout, /Hello from behind the firewall/);
      assert.equal(stderr, "");
    });

    await t.step("exit codes are those of the program", async () => {
      const { code, stderr } = await npx(installation, "run", "--nope");

      assert.equal(code, 1);
      assert.match(stderr, /no such option/);
    });

    await t.step("a new plugin passes its sandboxed test", async () => {
      const made = await npx(installation, "plugin", "new", "shop");
      const tested = await npx(
        installation,
        ...["plugin", "test", "plugins/shop.ts", "--url", "http://a.test/"],
      );

      assert.equal(made.code, 0, made.stderr);
      assert.equal(tested.code, 0, tested.stdout);
    });

    await t.step("a command of Node.js runs with a tunnel", async () => {
      const { code, stdout, stderr } = await run("npx", [
        ...["--offline", "sallyport", ...clientArgs(server), "--"],
        ...["node", "-e", RUNNER, page],
      ], {
        cwd: folder,
        env: { ...CLIENT_ENV, npm_config_update_notifier: "false" },
        ms: 120_000,
      });

      assert.equal(stdout, "200 lab\n", stderr);
      assert.equal(code, 3);
    });

    await t.step("SIGTERM to npx ends the program", async () => {
      await using process = new TestProcess("npx", [
        ...["--offline", "sallyport", "server", "--log-format=json"],
        ...["--address=127.0.0.1:0", "--tunnel-address=127.0.0.1:0"],
        ...["--proxy-address=127.0.0.1:0", `--data-dir=${folder}/data`],
      ], { cwd: folder });
      await process.event("browsers use the proxy");

      process.signal("SIGTERM");

      // Standard output ends with the last process that has it.
      await within(process.exit(), "the end of all", 30_000);
      await process.event("server shut down cleanly");
    });

    await t.step(
      "a tunnel for Node.js carries requests until it is disposed",
      async () => {
        const { code, stdout, stderr } = await node(
          `
        import { execFileSync } from "node:child_process";
        import { startTunnel } from "sallyport";
        const tunnel = await startTunnel(${optionsFor(server)});
        const curl = (proxy) => execFileSync("curl", [
          "--silent", "--proxy", proxy, "--write-out", "%{http_code}",
          "--output", "/dev/null", ${JSON.stringify(page)},
        ]).toString();
        console.log(curl(tunnel.url), tunnel.state, tunnel.name);
        console.log(tunnel.proxy.username, tunnel.proxyFor("t1").username);
        await tunnel.stop({ reason: "done" });
        console.log((await tunnel.closed).reason, tunnel.state);
        `,
          secret,
        );

        assert.equal(code, 0, stderr);
        assert.deepEqual(stdout.trim().split("\n"), [
          "200 ready lab",
          `${USER.name}+lab ${USER.name}+lab;job=t1`,
          "done stopped",
        ]);
      },
    );

    await t.step(
      "a local proxy logs in, and knows why requests of a job fail",
      async () => {
        const port = freePort();
        const { code, stdout, stderr } = await node(
          `
        import { execFile } from "node:child_process";
        import { startLocalProxy, startTunnel } from "sallyport";
        const tunnel = await startTunnel(${optionsFor(server)});
        const local = await startLocalProxy(tunnel.proxy);
        const curl = (...args) => new Promise((resolve) =>
          execFile("curl", ["--silent", "--proxy", local.address, ...args],
            (error, stdout) => resolve(error?.code ?? stdout)));
        const status = ["--output", "/dev/null", "--write-out", "%{http_code}"];
        local.setJob("t1");
        console.log(await curl(...status, ${JSON.stringify(page)}));
        console.log(await curl("--proxytunnel", ...status, ${
            JSON.stringify(page)
          }));
        console.log(await curl("https://localhost:${port}/"));
        console.log(local.failures[0].request, local.failures[0].sentence);
        local.setJob("t2");
        console.log(local.failures.length);
        await local[Symbol.asyncDispose]();
        await tunnel.stop();
        `,
          secret,
        );

        assert.equal(code, 0, stderr);
        assert.deepEqual(stdout.trim().split("\n"), [
          "200",
          "200",
          // What curl says about a proxy that refuses a CONNECT.
          "56",
          `CONNECT https://localhost:${port}/ ` +
          `Cannot connect to "localhost:${port}": nothing listens there`,
          "0",
        ]);
      },
    );

    await t.step(
      "mistakes in options are one error, as on the command line",
      async () => {
        const { code, stdout, stderr } = await node(
          `
        import { startTunnel, TunnelError } from "sallyport";
        try {
          await startTunnel(${
            optionsFor(server, 'httpDialTimout: "3s", tunnelPool: "x",')
          });
        } catch (error) {
          console.log(error instanceof TunnelError, error.name, error.message);
        }
        `,
          secret,
        );

        assert.equal(code, 0, stderr);
        assert.match(stdout, /^true ConfigError /);
        assert.match(stdout, /httpDialTimeout/);
        assert.match(stdout, /tunnelPool/);
      },
    );

    await t.step("a refused key says so, with its code", async () => {
      const { stdout } = await node(
        `
        import { startTunnel } from "sallyport";
        await startTunnel(${optionsFor(server)}).catch((error) =>
          console.log(error.name, error.code, error.message));
        `,
        { KEY: "wrong" },
      );

      assert.match(stdout, /^ClientError unauthorized /);
      assert.ok(!stdout.includes("wrong"));
    });

    await t.step("its types are right for a program and a plugin", async () => {
      await Deno.writeTextFile(join(folder, "typed.ts"), TYPED);
      const tsc = createRequire(import.meta.url)
        .resolve("typescript/lib/tsc.js");
      const { code, stdout } = await run("node", [
        tsc,
        ...["--strict", "--noEmit", "--module", "nodenext"],
        ...["--target", "esnext", "--lib", "esnext,dom,dom.iterable"],
        "typed.ts",
      ], { cwd: folder, ms: 120_000 });

      assert.equal(stdout, "");
      assert.equal(code, 0);
    });

    await t.step(
      "tests of Playwright pass in the tunnel, and fail with its sentence",
      () => playPlaywright(installation, server),
    );

    await t.step(
      "the steps of the guide to CI start a tunnel and stop it",
      () => playGuideToCi(installation, server),
    );

    await t.step("a tunnel ends with the program that started it", async () => {
      const { code } = await node(
        `
        import { startTunnel } from "sallyport";
        await startTunnel(${optionsFor(server)});
        process.kill(process.pid, "SIGKILL");
        `,
        secret,
      );

      assert.equal(code, 137);
      await server.process.event("tunnel ended");
    });
  },
});
