/**
 * Promise: a disk that is full ends no request. Changes of accounts fail and
 * say why, `/healthz` and a metric say so, log lines stay whole, and with room
 * again everything goes on.
 *
 * A limit on the size of files stands for the disk: no root is needed, and it
 * can be raised while the program runs.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run, startProgram, type TestProcess } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { listTunnels } from "../system/rest_calls.ts";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "../system/programs.ts";

/** 256 KiB in blocks of `ulimit`: what a server writes at its start fits, some changes more do not. */
const FULL = 512;
/** Changes that certainly do not fit. */
const CHANGES = 60;

const FAILS = "cannot write the database, requests go on";
const WORKS = "the database can be written again";

const TOOLS = needs("sh", "prlimit");

/** Gives a running program a disk with room. */
async function makeRoom({ pid }: TestProcess): Promise<void> {
  const { code } = await run("prlimit", [
    `--pid=${pid}`,
    "--fsize=unlimited",
  ]);
  assert.equal(code, 0);
}

async function ask(
  { url, caFile }: ServerProgram,
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string }> {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(caFile)],
  });
  const answer = await fetch(new URL(path, url), {
    ...init,
    client,
    headers: { Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}` },
  });
  return { status: answer.status, text: await answer.text() };
}

/** Creates a key; its status and text. */
async function createKey(server: ServerProgram, name: string) {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(server.caFile)],
  });
  const answer = await fetch(`${server.url}/rest/v1/${USER.name}/keys`, {
    client,
    method: "POST",
    headers: {
      Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ name, scope: "all" }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Creates and revokes a key until that fails; the failure. */
async function fillDisk(
  server: ServerProgram,
): Promise<{ readonly status: number; readonly text: string }> {
  for (let n = 0; n < CHANGES; n++) {
    const created = await createKey(server, `k${n}`);
    if (created.status !== 201) return created;
    const revoked = await ask(server, `/rest/v1/${USER.name}/keys/k${n}`, {
      method: "DELETE",
    });
    if (revoked.status !== 200) return revoked;
  }
  assert.fail(`${CHANGES} changes fitted on a full disk`);
}

async function valueOf(server: ServerProgram, name: string) {
  const { text } = await ask(server, "/metrics");
  const [sample] = parseMetrics(text).get(name)?.samples ?? [];
  return sample?.value;
}

Deno.test({
  ...TOOLS,
  name: "a full disk under the database: requests go on, changes say why",
  async fn() {
    await using data = await temporaryDirectory();
    await using origin = await startOrigin();
    await using server = await startServerProgram({
      dataDir: data.path,
      fileBlocks: FULL,
    });
    const first = await startClientProgram(server);
    const proxy = { port: server.proxyPort, credentials: CREDENTIALS };

    const failure = await fillDisk(server);

    assert.equal(failure.status, 503);
    assert.match(
      failure.text,
      /^\{"error":"Cannot store the change: the disk (?:is full|takes no more data \(disk I\/O error\)), free space on the server's disk and try again"\}$/,
    );
    const page = await get(`${origin.url}/bytes/5`, proxy);
    assert.equal(page.status, 200);
    assert.equal(await valueOf(server, "sallyport_storage_writable"), 0);
    await within(
      (async () => {
        while (!await saysDatabase(server));
      })(),
      "a health that names the database",
    );
    // Tunnels come and go meanwhile.
    first.process.signal("SIGTERM");
    await first.process.exit();
    await using _second = await startClientProgram(server);
    assert.equal((await get(`${origin.url}/bytes/5`, proxy)).status, 200);

    await makeRoom(server.process);
    const created = await createKey(server, "late");

    assert.equal(created.status, 201);
    await within(untilHealthy(server), "a health without problems");
    const failures = await valueOf(
      server,
      "sallyport_storage_write_failures_total",
    );
    assert(Number(failures) > 0, `${failures} failures`);
    await server.process.event(WORKS);
    const live = await listTunnels(server);
    server.process.signal("SIGKILL");
    await server.process.exit();
    // What could not be stored was stored later: the tunnel comes back.
    await using again = await startServerProgram({ dataDir: data.path });
    assert.deepEqual(await listTunnels(again), live);

    // On a slow machine a small write may succeed in between.
    const said = server.process.log.matching([FAILS, WORKS]);
    assert(said.length > 0 && said.length % 2 === 0);
    for (const [index, { message }] of said.entries()) {
      assert.equal(message, index % 2 === 0 ? FAILS : WORKS);
    }
  },
});

Deno.test({
  ...TOOLS,
  name: "a full disk under the log: whole lines, and a count of the others",
  async fn() {
    await using directory = await temporaryDirectory();
    await using origin = await startOrigin();
    await using server = await startServerProgram();
    const file = `${directory.path}/log`;
    await using client = startProgram([
      ...clientArgs(server),
      `--log-file=${file}`,
      "--log-format=json",
      "--log-http=proxy:url",
    ], { env: CLIENT_ENV, fileBlocks: FULL });
    const proxy = { port: server.proxyPort, credentials: CREDENTIALS };
    const request = (name: string) =>
      get(`${origin.url}/bytes/5?${name}=${"x".repeat(3_000)}`, proxy);
    await within(untilReady(() => request("first")), "the tunnel");

    // 256 KiB have room for about 80 of these.
    for (let n = 0; n < 100; n++) {
      assert.equal((await request(`n${n}`)).status, 200);
    }
    await within(
      (async () => {
        while (client.stderr === "") await request("more");
      })(),
      "a word on standard error",
    );
    const full = await within(wholeText(file), "the last line to be whole");
    await makeRoom(client);
    await request("after");
    client.signal("SIGTERM");
    const { code, stderr } = await client.exit();

    assert.match(
      stderr,
      /^sallyport: Cannot write the log file "\S+": .+, requests go on\n$/,
    );
    assert(eventsIn(full).length > 0);
    const events = eventsIn(await Deno.readTextFile(file));
    const [dropped] = events.filter(({ msg }) => msg === "log lines dropped");
    assert(Number(dropped?.count) > 0, `${dropped?.count} lines are missing`);
    assert(events.some(({ msg }) => msg.includes("bytes/5?after=")));
    assert.equal(events.at(-1)?.msg, "tunnel shut down cleanly");
    assert.equal(code, 0);
  },
});

/** The text of a log whose last line is not half written at this moment. */
async function wholeText(file: string): Promise<string> {
  for (;;) {
    const text = await Deno.readTextFile(file);
    if (text.endsWith("\n")) return text;
  }
}

/** Whether `/healthz` fails because of the database. */
async function saysDatabase(server: ServerProgram): Promise<boolean> {
  const { status, text } = await ask(server, "/healthz");
  return status === 503 && text.includes("database");
}

/** Asks until nothing is said to be wrong. The metric waits for 5 s without a failure. */
async function untilHealthy(server: ServerProgram): Promise<void> {
  while ((await ask(server, "/healthz")).text !== "OK");
  while (await valueOf(server, "sallyport_storage_writable") !== 1);
}

/** Asks until the answer is 200. */
async function untilReady(
  request: () => Promise<{ readonly status: number }>,
): Promise<void> {
  while ((await request()).status !== 200);
}

/** The events of a log. @throws When a line is not whole. */
function eventsIn(
  text: string,
): readonly { readonly msg: string; readonly count?: number }[] {
  assert(text.endsWith("\n"), text.slice(-200));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}
