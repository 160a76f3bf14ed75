/** Very many browsers hold a connection and do nothing. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  beginClientProgram,
  startServerProgram,
  untilUp,
} from "../system/programs.ts";
import { get } from "../testing/browser.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run, TestProcess } from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { CREDENTIALS } from "../testing/user.ts";
import type { IdlePlan } from "./idle_browsers.ts";

/** More than any lab has. */
const WANTED = 20_000;
/** Connections that are there before memory is measured: what a first one costs is not a share of it. */
const FIRST = 500;
/** Sessions of the client, of 1,000 requests each. */
const SESSIONS = 24;
/** Requests of others while all are idle. */
const OTHERS = 500;
/** What one more idle connection may cost each program, in bytes. */
const MAX_COST = 60_000;
/** Until all are open, or have answered. */
const PATIENCE = 300_000;

const BROWSERS = fileURLToPath(new URL("idle_browsers.ts", import.meta.url));

Deno.test({
  // Other systems tell memory and limits in other ways.
  ignore: Deno.build.os !== "linux" || needs("cat", "sh").ignore,
  name: "as many idle connections as files allow live on, and cost little",
  async fn() {
    const count = await fitting();
    await using site = new TcpServer(async (conn) => {
      await conn.readable.pipeTo(conn.writable);
    });
    await using origin = await startOrigin();
    await using server = await startServerProgram({
      args: [
        "--tunnel-max-exchanges=100000",
        "--max-connections=100000",
        "--max-connections-per-address=100000",
      ],
    });
    await using client = await beginClientProgram(server, {
      args: [
        `--tunnel-connections=${SESSIONS}`,
        "--tunnel-max-concurrent-streams=1000",
      ],
    });
    await untilUp(client.process, SESSIONS);
    const plan = {
      proxyPort: server.proxyPort,
      credentials: CREDENTIALS,
      authority: `127.0.0.1:${site.port}`,
      atOnce: 50,
    };

    await using first = await open({ ...plan, count: FIRST });
    const before = await memoryOf(server, client);
    await using rest = await open({ ...plan, count: count - FIRST });
    for (let at = 0; at < OTHERS; at++) {
      const { status } = await get(`${origin.url}/bytes/5`, server.proxy);
      assert.equal(status, 200, `the request of another browser, ${at}`);
    }
    const after = await memoryOf(server, client);

    const costs = after.map((bytes, at) =>
      Math.round((bytes - (before[at] ?? 0)) / (count - FIRST))
    );
    // deno-lint-ignore no-console -- the figure that the test is about
    console.log(
      `${count} idle connections: server and client have ` +
        `${after.map(inMegabytes).join(" and ")} MB, ` +
        `${costs.join(" and ")} bytes each`,
    );
    assert.ok(costs.every((bytes) => bytes < MAX_COST), `${costs} bytes each`);
    for (
      const [browsers, held] of [[first, FIRST], [rest, count - FIRST]] as const
    ) {
      browsers.signal("SIGUSR1");
      const [, answered] = await browsers.waitFor(/^(\d+) answered$/m, {
        ms: PATIENCE,
      });
      assert.equal(Number(answered), held);
    }
    assert.deepEqual(client.process.log.matching("connection lost"), []);
  },
});

/**
 * How many fit: a server uses half of its files for connections, and three
 * quarters of these on one port.
 */
async function fitting(): Promise<number> {
  const { stdout } = await run("sh", ["-c", "ulimit -Hn"]);
  const files = stdout.trim() === "unlimited" ? Infinity : Number(stdout);
  return Math.min(WANTED, Math.floor(files / 2 * 3 / 4) - 500);
}

async function open(plan: IdlePlan): Promise<TestProcess> {
  const command = ["run", "-qA", "--no-config", BROWSERS, JSON.stringify(plan)];
  const browsers = new TestProcess(Deno.execPath(), command);
  await browsers.waitFor(/^open$/m, { ms: PATIENCE });
  return browsers;
}

/** By a command: tests may not read `/proc`. */
async function memoryOf(
  ...programs: { readonly process: { readonly pid: number } }[]
): Promise<number[]> {
  return await Promise.all(programs.map(async ({ process }) => {
    const { stdout } = await run("cat", [`/proc/${process.pid}/status`]);
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(stdout) ?? [];
    if (kilobytes === undefined) throw new Error(`No memory in: ${stdout}`);
    return Number(kilobytes) * 1024;
  }));
}

function inMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
