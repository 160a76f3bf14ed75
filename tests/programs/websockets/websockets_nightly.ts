/**
 * WebSocket between programs of others: `ws` of npm and Python's `websockets`,
 * each as browser and as site. Texts and bytes of all sizes come back, a close
 * keeps its code, and a browser that stops reading holds the site back: what it
 * does not read is not kept here.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempPlugins } from "../../plugin/temp_plugins.ts";
import { within } from "../../testing/deadline.ts";
import { freePort } from "../../testing/free_port.ts";
import { findTool, needs } from "../../testing/needs.ts";
import { spawn, TestProcess } from "../../testing/process.ts";
import { runningSystem } from "../../testing/running_system.ts";
import { installed, installedPackages, program, TOOLS } from "../tools.ts";

/** How a program is started. */
interface Peer {
  readonly command: () => string;
  readonly script: string;
}

/** The two makes. */
const PEERS: Readonly<Record<string, Peer>> = {
  "ws": { command: () => findTool("node") ?? "", script: "ws_peer.cjs" },
  "websockets": {
    command: () => join(dirname(program("websockets")), "python"),
    script: "websockets_peer.py",
  },
};

/** What may leave the site of 105 MB while the browser does not read: windows and buffers of all legs. */
const MAX_LEFT = 64 * 1024 * 1024;
/** For a whole conversation of a program, in milliseconds. */
const CONVERSATION = 60_000;

const ENV = { NODE_PATH: join(TOOLS, "node_modules") };

const ignore = [
  needs("node"),
  installed("websockets"),
  installedPackages("ws"),
].some((need) => need.ignore);

for (const [browserName, browser] of Object.entries(PEERS)) {
  for (const [siteName, site] of Object.entries(PEERS)) {
    for (const isInspected of [false, true]) {
      Deno.test({
        ignore,
        name: `a browser on ${browserName} talks with a site on ${siteName}` +
          (isInspected ? ", and a plugin sees it" : ""),
        fn: () => talk(browser, site, isInspected),
      });
    }
  }
}

/** Sees all messages, and changes none. */
const WATCHER = `export default { message() {} };`;

async function talk(
  browser: Peer,
  site: Peer,
  isInspected: boolean,
): Promise<void> {
  await using plugins = await tempPlugins(
    isInspected ? { "watcher.js": WATCHER } : {},
  );
  await using system = await runningSystem({
    client: { plugins: { directories: [plugins.directory], watch: false } },
  });
  const port = String(freePort());
  await using server = new TestProcess(
    site.command(),
    [beside(site.script), "server", port],
    { env: ENV },
  );
  await server.waitFor(/listening/);
  const { username, password } = system.credentials;
  const isPython = browser.script.endsWith(".py");
  await using child = spawn(browser.command(), {
    args: [
      ...[beside(browser.script), "client", port],
      String(system.proxyAddress.port),
      ...isPython
        ? [encodeURIComponent(username), password]
        : [system.authorization],
    ],
    env: ENV,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const output = child.stdout.getReader();
  const { value } = await within(output.read(), "the echoes", CONVERSATION);
  assert.equal(new TextDecoder().decode(value).trim(), "paused");
  // The site says this 1.5 s after the flood has begun.
  const [, left] = await server.waitFor(/left=(\d+)/);
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode("go on\n"));
  const { success } = await within(
    child.status,
    "the conversation to end",
    CONVERSATION,
  );
  const stderr = await new Response(child.stderr).text();
  assert.ok(success, stderr);
  assert.ok(Number(left) < MAX_LEFT, `${left} bytes have left the site`);
  await stdin.close().catch(() => {});
  await output.cancel();
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
