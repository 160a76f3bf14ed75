/**
 * Promise: SIGHUP ends no program, with a log file or without one. It comes
 * when a terminal is closed and when logs are rotated.
 */
import assert from "node:assert/strict";
import { startProgram, type TestProcess } from "../testing/process.ts";
import { startOrigin } from "../testing/origin.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";

/** Sends some, then a signal that stops the program in order. */
async function hangUpThenStop(program: TestProcess): Promise<void> {
  for (let n = 0; n < 3; n++) program.signal("SIGHUP");
  program.signal("SIGTERM");
  const { code, stderr } = await program.exit();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
}

Deno.test("SIGHUP ends neither a server nor a client", SIGNALS, async () => {
  await using origin = await startOrigin();
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);
  const proxy = { port: server.proxyPort, credentials: CREDENTIALS };

  for (const { process } of [server, client]) process.signal("SIGHUP");
  const page = await get(`${origin.url}/bytes/5`, proxy);

  assert.equal(page.status, 200);
  await hangUpThenStop(client.process);
  await hangUpThenStop(server.process);
  const ends = [
    client.process.log.all.at(-1)?.message,
    server.process.log.all.at(-1)?.message,
  ];
  assert.deepEqual(ends, [
    "tunnel shut down cleanly",
    "server shut down cleanly",
  ]);
});

Deno.test("SIGHUP does not end a demo", SIGNALS, async () => {
  await using demo = startProgram(["demo"]);
  await demo.waitFor(/Ctrl-C/);

  await hangUpThenStop(demo);
});
