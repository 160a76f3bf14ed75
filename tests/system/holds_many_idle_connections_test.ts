/** Promise: 1,000 idle connections through CONNECT fit into 300 MiB at both ends, and still carry bytes. */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { needs } from "../testing/needs.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { beginClientProgram, startServerProgram, untilUp } from "./programs.ts";

const CONNECTIONS = 1_000;
/** Opened at the same time: listeners queue no more than a few hundred. */
const AT_ONCE = 50;
const MAX_BYTES = 300 * 1024 * 1024;

Deno.test({
  // Other systems tell the memory of a process in other ways.
  ignore: Deno.build.os !== "linux" || needs("cat").ignore,
  name: "1,000 idle connections take less than 300 MiB at each end",
  async fn() {
    await using origin = await startOrigin();
    await using server = await startServerProgram();
    await using client = await beginClientProgram(server, {
      // 256 exchanges each.
      args: ["--tunnel-connections=8"],
    });
    await untilUp(client.process, 8);
    using browsers = new DisposableStack();
    const opened: BrowserConnection[] = [];
    while (opened.length < CONNECTIONS) {
      const batch = Array.from(
        { length: AT_ONCE },
        () =>
          BrowserConnection.open(server.proxy, {
            site: origin,
            hostname: "127.0.0.1",
            way: "connect",
          }),
      );
      for (const browser of await Promise.all(batch)) {
        opened.push(browsers.use(browser));
      }
    }

    const held = await Promise.all([server, client].map(memoryOf));
    const answers = [];
    for (const at of [0, CONNECTIONS / 2, CONNECTIONS - 1]) {
      answers.push((await opened[at]?.exchange("GET", "/bytes/5"))?.status);
    }

    assert.deepEqual(answers, [200, 200, 200]);
    const told = `server and client hold ${held.join(" and ")} bytes`;
    assert.ok(held.every((bytes) => bytes < MAX_BYTES), told);
  },
});

/** By a command: tests may not read `/proc`. */
async function memoryOf(
  { process }: { readonly process: { readonly pid: number } },
): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${process.pid}/status`]);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(stdout) ?? [];
  if (kilobytes === undefined) throw new Error(`No memory in: ${stdout}`);
  return Number(kilobytes) * 1024;
}
