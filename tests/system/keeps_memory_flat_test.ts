/**
 * Promise: what streams through is not kept, neither by the server nor by the
 * client. `MEMORY_TEST_MB` says how much streams; 1,000 by default.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { patternChunks } from "../testing/pattern.ts";
import { run } from "../testing/process.ts";
import { needs } from "../testing/needs.ts";
import {
  type Answer,
  BrowserConnection,
  type Way,
  WAYS,
} from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

const MEGABYTE = 1_000_000;
const BYTES = Number(Deno.env.get("MEMORY_TEST_MB") ?? 1_000) * MEGABYTE;
/** Compilers and collectors have done most of their growing after this much. */
const WARM_UP = 32 * MEGABYTE;
/**
 * What one process may grow by, however much it carries: receive windows that
 * have grown, and what the collector leaves lying about at full speed.
 */
const MAX_GROWTH = 200 * MEGABYTE;

for (const way of WAYS) {
  for (const direction of ["down", "up"] as const) {
    Deno.test({
      // Other systems tell the peak of a process in other ways.
      ignore: Deno.build.os !== "linux" || needs("cat").ignore,
      name: `${way}: memory stays flat while much streams ${direction}`,
      async fn() {
        await using origin = await startOrigin();
        await using server = await startServerProgram();
        await using client = await startClientProgram(server);
        const pids = [server.process.pid, client.process.pid];
        const stream = direction === "down" ? download : upload;
        const route = { proxyPort: server.proxyPort, site: origin, way };

        await stream(WARM_UP, route);
        const before = await Promise.all(pids.map(peakOf));
        const begun = performance.now();
        await stream(BYTES, route);
        const ms = performance.now() - begun;
        const after = await Promise.all(pids.map(peakOf));

        const growth = after.map((peak, at) => peak - (before[at] ?? 0));
        const told = `${way} ${direction}: server and client grew by ` +
          `${growth.map((bytes) => Math.round(bytes / MEGABYTE))} MB ` +
          `in ${Math.round(ms)} ms`;
        assert.ok(growth.every((bytes) => bytes < MAX_GROWTH), told);
      },
    });
  }
}

/** The way through the system. */
interface Route {
  readonly proxyPort: number;
  readonly site: { readonly port: number };
  readonly way: Way;
}

async function download(bytes: number, route: Route): Promise<void> {
  using browser = await openConnection(route);
  const answer = await browser.exchange("GET", `/bytes/${bytes}`);
  assert.equal(await lengthOf(answer), bytes);
}

async function upload(bytes: number, route: Route): Promise<void> {
  using browser = await openConnection(route);
  const length = ["Content-Length", `${bytes}`] as const;
  await browser.raw.send(browser.head("POST", "/digest", [length]));
  for (const piece of patternChunks(bytes)) await browser.raw.send(piece);
  const answer = await browser.answer();
  assert.equal(JSON.parse(await answer.text()).bytes, bytes);
}

async function openConnection(
  { proxyPort, site, way }: Route,
): Promise<BrowserConnection> {
  const proxy = { port: proxyPort, credentials: CREDENTIALS };
  return await BrowserConnection.open(proxy, {
    site,
    hostname: "127.0.0.1",
    way,
  });
}

async function lengthOf({ content }: Answer): Promise<number> {
  let length = 0;
  for await (const piece of content) length += piece.byteLength;
  return length;
}

/** The most memory a process has had so far, in bytes. By a command: tests may not read `/proc`. */
async function peakOf(pid: number): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${pid}/status`]);
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(stdout) ?? [];
  if (kilobytes === undefined) throw new Error(`No peak in: ${stdout}`);
  return Number(kilobytes) * 1024;
}
