/**
 * Promise: `/healthz` and `/readyz` name what keeps a program from
 * serving, and say `OK` again when it can.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import type { TestProcess } from "../testing/process.ts";
import { limitProcess, type ProcessLimit } from "./process_limits.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

const TOOLS = needs("sh", "prlimit");
/** Between two questions, in milliseconds. */
const ASK_AGAIN = 100;

interface Answer {
  readonly status: number;
  readonly text: string;
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

/** A program, and how to ask it. */
interface Asked {
  readonly process: TestProcess;
  readonly ask: (path: string) => () => Promise<Answer>;
}

/** Sees that both paths fail with this text while the limit holds, and only then. */
async function assertFailsWhile(
  { process, ask }: Asked,
  [what, low, high]: readonly [ProcessLimit, string, string],
  text: RegExp,
): Promise<void> {
  assert.deepEqual(await ask("readyz")(), { status: 200, text: "OK" });
  await limitProcess(process, what, low);
  const healthy = await answerOf(ask("healthz"), 503);
  const ready = await answerOf(ask("readyz"), 503);
  await limitProcess(process, what, high);
  await answerOf(ask("healthz"), 200);
  await answerOf(ask("readyz"), 200);

  assert.match(healthy.text, text);
  assert.match(ready.text, text);
}

Deno.test(
  "a program that cannot write its database, or open a file, says so until it can",
  TOOLS,
  async () => {
    await using server = await startServerProgram({ survivesFullDisk: true });
    await using client = await startClientProgram(server);
    const caCerts = [await Deno.readTextFile(server.caFile)];
    using http = Deno.createHttpClient({ caCerts });
    const ofServer = {
      process: server.process,
      ask: asking(`${server.url}/`, http),
    };
    const ofClient = {
      process: client.process,
      ask: asking(client.apiUrl, http),
    };
    // Fewer than are open.
    const files = ["nofile", "10", "1000"] as const;
    const withoutFiles =
      /^files: the process has no file left: raise its limit \(ulimit -n, LimitNOFILE\)$/m;

    await assertFailsWhile(
      ofServer,
      ["fsize", "1", "unlimited"],
      /^database: .+$/,
    );
    await Promise.all([
      assertFailsWhile(ofServer, files, withoutFiles),
      assertFailsWhile(ofClient, files, withoutFiles),
    ]);

    const after = await server.process.event(
      "cannot write the database, requests go on",
      { reason: /./ },
    );
    await server.process.event("the database can be written again", {}, {
      after,
    });
    const noFile = { check: "files" };
    const later = await server.process.event("health check fails", noFile);
    await server.process.event("health check passes again", noFile, {
      after: later,
    });
  },
);
