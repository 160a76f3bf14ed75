/** Promise: a stranger who reaches a port takes nothing from those who may use it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run, TestProcess } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import {
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";
import type { StrangerPlan, StrangerReport } from "./stranger.ts";

const STRANGER = fileURLToPath(new URL("./stranger.ts", import.meta.url));
/** Hostile connections; `deno task nightly` sets 25,000. */
const HOSTILE = Number(Deno.env.get("STRANGER_CONNECTIONS") ?? 6_000);
/** A file that was opened meanwhile, such as a session's, is not a leak. */
const SLACK = 8;
const HABITS = ["silent", "half_hello", "slow_head"] as const;

/** Other systems count the files of a process in other ways. */
const LINUX = Deno.build.os === "linux"
  ? needs("ls", "sh")
  : { ignore: true } as const;

Deno.test({
  ...LINUX,
  name: "a flood of all ports from one address takes no request from another",
  async fn() {
    await using origin = await startOrigin();
    await using server = await startServerProgram();
    await using _client = await startClientProgram(server);
    const site = `127.0.0.1:${origin.port}`;
    assert.equal(await ask(server, site), 200);
    const before = await filesOf(server.process.pid);

    let held: number;
    {
      await using first = startStranger(planOf(server, HOSTILE / 2));
      await using second = startStranger(planOf(server, HOSTILE / 2));
      const reports = await Promise.all([first, second].map(reportOf));
      held = await filesOf(server.process.pid);
      const statuses = [];
      for (let count = 0; count < 100; count++) {
        statuses.push(await ask(server, site));
      }

      assert.equal(statuses.filter((status) => status === 200).length, 100);
      assert.ok(reports.every(({ opened }) => opened > 0));
      assert.ok(held < 20_000 / 2, `${held} files are held`);
    }
    const begun = performance.now();
    await untilFiles(server.process.pid, before + SLACK);
    const seconds = (performance.now() - begun) / 1000;
    // deno-lint-ignore no-console -- the figures are part of the result
    console.log(
      `${HOSTILE} hostile connections: ${before} files before, ${held} held, ` +
        `free again after ${seconds.toFixed(1)} s`,
    );
    assert.ok(
      server.process.log.matching("connections are refused").length > 0,
    );
  },
});

Deno.test({
  ...LINUX,
  name: "a server with few files survives floods of every port, and says so",
  async fn() {
    await using origin = await startOrigin();
    await using server = await startServerProgram({ files: 300 });
    await using _client = await startClientProgram(server);
    const site = `127.0.0.1:${origin.port}`;

    await using stranger = startStranger(planOf(server, 2_000));
    await reportOf(stranger);
    const statuses = [];
    for (let count = 0; count < 20; count++) {
      statuses.push(await ask(server, site));
    }
    const held = await filesOf(server.process.pid);

    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.ok(held <= 200, `${held} of 300 files are held`);
    // deno-lint-ignore no-console -- the figures are part of the result
    console.log(`300 files, 2,000 hostile connections: ${held} held`);
  },
});

Deno.test({
  ...SIGNALS,
  name: "a server stops in order beside connections that are half open",
  async fn() {
    await using server = await startServerProgram();
    const clients: RawClient[] = [];
    for (const port of portsOf(server)) {
      for (const bytes of ["", "\x16\x03\x01\x02\x00\x01", "GET / HT"]) {
        const client = await RawClient.connect({ port });
        if (bytes !== "") await client.send(bytes);
        clients.push(client);
      }
    }

    server.process.signal("SIGTERM");
    const { code, stderr } = await server.process.exit();
    for (const client of clients) client.close();

    assert.equal(code, 0);
    assert.equal(stderr, "");
  },
});

Deno.test("a browser that is silent for too long loses its request, and no other does", async () => {
  await using origin = await startOrigin();
  await using server = await startServerProgram({
    args: ["--exchange-idle-timeout=2s"],
  });
  await using _client = await startClientProgram(server);
  const site = `127.0.0.1:${origin.port}`;
  using vanished = await RawClient.connect({ port: server.proxyPort });
  await vanished.send(headOf("GET", `http://${site}/hold/answer`));
  using tunnelled = await RawClient.connect({ port: server.proxyPort });
  await tunnelled.send(headOf("CONNECT", site));
  await tunnelled.readThrough("\r\n\r\n");

  // Each ends only when the server closes it.
  await within(vanished.readAll().catch(() => ""), "the silent request's end");
  await within(tunnelled.readAll().catch(() => ""), "the silent tunnel's end");

  assert.equal(await ask(server, site), 200);
});

Deno.test("content of a stranger is refused before it is read, whether its length is known or not", async () => {
  await using server = await startServerProgram();
  const ca = await Deno.readTextFile(server.caFile);
  const port = Number(new URL(server.url).port);
  const answerTo = async (head: string): Promise<string> => {
    using stranger = await RawClient.connect({ port, ca });
    await stranger.send(`${head}\r\nHost: a.test\r\n\r\n`);
    const line = await stranger.readThrough("\r\n");
    return line.trim();
  };
  const form = "Content-Type: application/x-www-form-urlencoded";
  const path = `POST /rest/v1/${USER.name}/tunnels HTTP/1.1`;

  // None of the content ever comes.
  assert.match(
    await answerTo(`${path}\r\nTransfer-Encoding: chunked`),
    / 401 /,
  );
  assert.match(await answerTo(`${path}\r\nContent-Length: 1000000`), / 401 /);
  const login = `POST /login HTTP/1.1\r\n${form}`;
  assert.match(
    await answerTo(`${login}\r\nTransfer-Encoding: chunked`),
    / 413 /,
  );
  assert.match(await answerTo(`${login}\r\nContent-Length: 5000`), / 413 /);
});

/** Arguments of a stranger who spreads `count` connections over all ports. */
function planOf(server: ServerProgram, count: number): StrangerPlan {
  return {
    from: "127.0.0.2",
    ports: portsOf(server),
    habits: HABITS,
    count,
    atOnce: 64,
  };
}

function portsOf({ url, tunnelPort, proxyPort }: ServerProgram): number[] {
  return [Number(new URL(url).port), tunnelPort, proxyPort];
}

function startStranger(plan: StrangerPlan): TestProcess {
  const command = ["run", "-qA", "--no-config", STRANGER, JSON.stringify(plan)];
  return new TestProcess(Deno.execPath(), command);
}

/** Waits until a stranger has tried all of its plan. */
async function reportOf(stranger: TestProcess): Promise<StrangerReport> {
  const [line] = await stranger.waitFor(/^\{.*\}\n/, { ms: 120_000 });
  return JSON.parse(line);
}

function headOf(method: string, target: string): string {
  const credentials = btoa(CREDENTIALS);
  return `${method} ${target} HTTP/1.1\r\nHost: a.test\r\n` +
    `Proxy-Authorization: Basic ${credentials}\r\n` +
    "Connection: close\r\n\r\n";
}

/** A request of a browser on a connection of its own; gives its status. */
async function ask(
  { proxyPort }: ServerProgram,
  site: string,
): Promise<number> {
  using browser = await RawClient.connect({ port: proxyPort });
  await browser.send(headOf("GET", `http://${site}/`));
  const head = await browser.readThrough("\r\n");
  return Number(head.split(" ")[1]);
}

async function filesOf(pid: number): Promise<number> {
  const { stdout } = await run("ls", [`/proc/${pid}/fd`]);
  return stdout.trim().split("\n").length;
}

/** Waits until a process has at most `most` files open. */
async function untilFiles(pid: number, most: number): Promise<void> {
  const end = performance.now() + 60_000;
  let files = Infinity;
  while (files > most) {
    files = await filesOf(pid);
    assert.ok(performance.now() < end, `${files} files are open after 60 s`);
  }
}
