/**
 * Promise: `/healthz` and `/readyz` of the server name what keeps it from
 * serving, and say `OK` again when it can.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { run, type TestProcess } from "../testing/process.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

const TOOLS = needs("sh", "prlimit");
/** Between two questions, in milliseconds. */
const ASK_AGAIN = 100;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sets a limit of a running program: its soft one, which can be raised again. */
async function limit(
  { pid }: TestProcess,
  what: "fsize" | "nofile",
  value: string,
): Promise<void> {
  const { code, stderr } = await run("prlimit", [
    `--pid=${pid}`,
    `--${what}=${value}:`,
  ]);
  assert.equal(code, 0, stderr);
}

/** Asks until the status is this one. */
async function answerOf(
  ask: () => Promise<Answer>,
  status: number,
): Promise<Answer> {
  return await within(look(), `status ${status}`);

  async function look(): Promise<Answer> {
    for (;;) {
      const answer = await ask();
      if (answer.status === status) return answer;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
  }
}

/** Asks on one connection, which stays open: there may be no file for another. */
function asking(
  url: string,
  client: Deno.HttpClient,
): (path: string) => () => Promise<Answer> {
  return (path) => async () => {
    const answer = await fetch(url + path, { client });
    return { status: answer.status, text: await answer.text() };
  };
}

Deno.test(
  "a server whose database cannot be written says so until it can",
  TOOLS,
  async () => {
    await using server = await startServerProgram({ survivesFullDisk: true });
    const caCerts = [await Deno.readTextFile(server.caFile)];
    using client = Deno.createHttpClient({ caCerts });
    const ask = asking(`${server.url}/`, client);

    assert.deepEqual(await ask("healthz")(), { status: 200, text: "OK" });
    await limit(server.process, "fsize", "1");
    const healthy = await answerOf(ask("healthz"), 503);
    const ready = await answerOf(ask("readyz"), 503);
    await limit(server.process, "fsize", "unlimited");
    await answerOf(ask("healthz"), 200);
    await answerOf(ask("readyz"), 200);

    assert.match(healthy.text, /^database: .+$/);
    assert.match(ready.text, /^database: .+$/);
    await server.process.waitFor(
      /health check fails check=database reason=.+\n[^]*health check passes again check=database\n/,
    );
  },
);

Deno.test(
  "server and client that can open no file say so until they can",
  TOOLS,
  async () => {
    await using server = await startServerProgram();
    await using program = await startClientProgram(server);
    const caCerts = [await Deno.readTextFile(server.caFile)];
    using client = Deno.createHttpClient({ caCerts });

    await Promise.all([
      usesUpFiles(`${server.url}/`, server.process),
      usesUpFiles(program.apiUrl, program.process),
    ]);

    async function usesUpFiles(url: string, each: TestProcess): Promise<void> {
      const ask = asking(url, client);
      assert.deepEqual(await ask("readyz")(), { status: 200, text: "OK" });
      // Fewer than are open.
      await limit(each, "nofile", "10");
      const healthy = await answerOf(ask("healthz"), 503);
      const ready = await answerOf(ask("readyz"), 503);
      await limit(each, "nofile", "1000");
      await answerOf(ask("healthz"), 200);
      await answerOf(ask("readyz"), 200);

      const reason = /files: the process has no file left: raise its limit/;
      assert.match(healthy.text, reason);
      assert.match(ready.text, reason);
    }
  },
);
