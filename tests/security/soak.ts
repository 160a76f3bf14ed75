/**
 * `deno task soak [minutes]`: normal traffic beside strangers who flood all
 * ports, guess keys from many addresses, and neither read nor send what they
 * began. Ends with code 1 when a normal request failed or memory grew.
 */
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run, TestProcess } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import {
  type ServerProgram,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";
import { openBrowser } from "./unread_browser.ts";
import type { StrangerPlan } from "./stranger.ts";

const MINUTES = Number(Deno.args[0] ?? 10);
const STRANGER = fileURLToPath(new URL("./stranger.ts", import.meta.url));
/** What server and client may grow by after the first minute, in MB. */
const MAX_GROWTH = 60;
/** Between two normal requests, in milliseconds. */
const PACE = 50;
/** Between two rows of the table, in milliseconds. */
const INTERVAL = 15_000;

interface Counts {
  normal: number;
  failed: string[];
  attacks: number;
}

needs("cat");
Deno.exit(await soak() ? 0 : 1);

async function soak(): Promise<boolean> {
  await using origin = await startOrigin();
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, {
    args: ["--tls-resign-domains=^stuck\\.test$"],
  });
  const end = Date.now() + MINUTES * 60_000;
  const counts: Counts = { normal: 0, failed: [], attacks: 0 };
  const site = `127.0.0.1:${origin.port}`;
  const memory: number[][] = [];
  await Promise.all([
    whileBefore(end, () => askAsUsual(server, site, counts), PACE),
    whileBefore(end, () => flood(server, counts)),
    whileBefore(end, () => guess(server, counts)),
    whileBefore(end, () => holdOpen(server, counts), 500),
    whileBefore(end, async () => {
      const pids = [server.process.pid, client.process.pid];
      memory.push(await Promise.all(pids.map(memoryOf)));
      say(
        `${counts.normal} normal, ${counts.failed.length} failed, ` +
          `${counts.attacks} attacks, MB ${memory.at(-1)?.join(" + ")}`,
      );
    }, INTERVAL),
  ]);
  const settled = memory.slice(Math.ceil(60_000 / INTERVAL));
  const growth = [0, 1].map((at) =>
    growthOf(settled.map((row) => row[at] ?? 0))
  );
  say(`memory grew by ${growth.join(" + ")} MB after the first minute`);
  for (const failure of new Set(counts.failed)) say(`failed: ${failure}`);
  return counts.failed.length === 0 && growth.every((mb) => mb <= MAX_GROWTH);
}

/** The mean of the last third over that of the first third: a peak is not growth. */
function growthOf(values: readonly number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  const mean = (part: readonly number[]) =>
    part.reduce((sum, each) => sum + each, 0) / Math.max(1, part.length);
  return Math.round(mean(values.slice(-third)) - mean(values.slice(0, third)));
}

async function whileBefore(
  end: number,
  act: () => Promise<void>,
  pause = 0,
): Promise<void> {
  while (Date.now() < end) {
    await act();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function askAsUsual(
  { proxyPort }: ServerProgram,
  site: string,
  counts: Counts,
): Promise<void> {
  try {
    using browser = await RawClient.connect({ port: proxyPort });
    const credentials = btoa(CREDENTIALS);
    await browser.send(
      `GET http://${site}/ HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\n` +
        `Proxy-Authorization: Basic ${credentials}\r\n\r\n`,
    );
    const line = await browser.readThrough("\r\n");
    if (!line.includes(" 200 ")) counts.failed.push(line.trim());
  } catch (cause) {
    counts.failed.push(String(cause));
  }
  counts.normal += 1;
}

/** 3,000 connections to all ports that send nothing, or half of something. */
async function flood(server: ServerProgram, counts: Counts): Promise<void> {
  const { url, tunnelPort, proxyPort } = server;
  const plan: StrangerPlan = {
    from: "127.0.0.2",
    ports: [Number(new URL(url).port), tunnelPort, proxyPort],
    habits: ["silent", "half_hello", "slow_head"],
    count: 3_000,
    atOnce: 16,
  };
  const command = ["run", "-qA", "--no-config", STRANGER, JSON.stringify(plan)];
  await using stranger = new TestProcess(Deno.execPath(), command);
  await stranger.waitFor(/\}\n/, { ms: 120_000 });
  counts.attacks += plan.count;
}

/** Wrong keys from twenty addresses, for a user that is there and for some that are not. */
async function guess(
  { proxyPort }: ServerProgram,
  counts: Counts,
): Promise<void> {
  await Promise.all(Array.from({ length: 20 }, (_, at) => {
    const name = at % 2 === 0 ? USER.name : `nobody${counts.attacks}`;
    const key = btoa(`${name}+lab:wrong-key-${counts.attacks + at}`);
    const request = "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n" +
      `Proxy-Authorization: Basic ${key}\r\nConnection: close\r\n\r\n`;
    return sendFrom(`127.0.1.${at + 1}`, proxyPort, request);
  }));
  counts.attacks += 20;
}

/** Sends a request from an address of this machine. Its response says nothing of normal traffic. */
async function sendFrom(
  localAddress: string,
  port: number,
  request: string,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("connect", () => socket.write(request));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => over.resolve());
  socket.resume();
  socket.setTimeout(30_000, () => socket.destroy());
  await over.promise;
}

/** An upload inside intercepted TLS whose sender goes away half-way. */
async function holdOpen(server: ServerProgram, counts: Counts): Promise<void> {
  try {
    const ca = await Deno.readTextFile(server.caFile);
    using browser = await openBrowser({
      proxyPort: server.proxyPort,
      site: "stuck.test:443",
      kind: counts.attacks % 2 === 0 ? "HTTP/1.1" : "HTTP/2",
    }, ca);
    const upload = await browser.ask("/", 1_000_000);
    await upload.write(new Uint8Array(64 * 1024));
  } catch {
    // The site is not there: the attack is what it leaves behind.
  }
  counts.attacks += 1;
}

async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${pid}/status`]);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(stdout) ?? [];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

function say(line: string): void {
  // deno-lint-ignore no-console -- the result
  console.log(line);
}
