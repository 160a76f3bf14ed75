/**
 * Promise: with `--log-format json` every line is an object; after a rename and
 * SIGHUP lines go to a new file and none is lost. Both programs do it.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { startProgram, type TestProcess } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import {
  ANY_PORTS,
  CLIENT_ENV,
  clientArgs,
  SIGNALS,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

interface Line {
  readonly time: string;
  readonly level: string;
  readonly module: string;
  readonly msg: string;
}

/** Requests before and after each rotation. */
const REQUESTS = 20;

/** The text of a file; empty as long as it is not there. */
async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Waits until the log says `words`. */
async function logSays(directory: string, words: string): Promise<void> {
  using watcher = Deno.watchFs(directory);
  const isSaid = async () => (await textOf(`${directory}/log`)).includes(words);
  const waiting = async () => {
    if (await isSaid()) return;
    for await (const _event of watcher) if (await isSaid()) return;
  };
  await within(waiting(), `"${words}" in the log`);
}

/** Renames the log and tells the program so. */
async function rotate(process: TestProcess, directory: string): Promise<void> {
  await Deno.rename(`${directory}/log`, `${directory}/log.1`);
  process.signal("SIGHUP");
}

async function linesOf(path: string): Promise<Line[]> {
  const text = await Deno.readTextFile(path);
  assert(text.endsWith("\n"));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function assertWhole(lines: readonly Line[]): void {
  for (const { time, level, module, msg } of lines) {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.match(level, /^(info|warn|error)$/);
    assert.match(module, /^[a-z]+$/);
    assert.notEqual(msg, "");
  }
}

Deno.test("run loses no line when its log is rotated", SIGNALS, async () => {
  await using directory = await temporaryDirectory();
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using client = startProgram([
    ...clientArgs(server),
    `--log-file=${directory.path}/log`,
    "--log-format=json",
    "--log-http=proxy:url",
  ], { env: CLIENT_ENV });
  await logSays(directory.path, "Sallyport is up");
  const { proxy } = server;
  const ask = (number: number) =>
    get(`${origin.url}/bytes/1?n=${number}`, proxy);

  await Promise.all(Array.from({ length: REQUESTS }, (_, n) => ask(n)));
  await rotate(client, directory.path);
  await Promise.all(
    Array.from({ length: REQUESTS }, (_, n) => ask(REQUESTS + n)),
  );
  await logSays(directory.path, "/bytes/1?n=");
  client.signal("SIGTERM");
  const { code, stdout, stderr } = await client.exit();

  const before = await linesOf(`${directory.path}/log.1`);
  const after = await linesOf(`${directory.path}/log`);
  assertWhole([...before, ...after]);
  const numbers = [...before, ...after].flatMap(({ msg }) =>
    /\?n=(\d+)$/.exec(msg)?.[1] ?? []
  );
  assert.deepEqual(
    numbers.map(Number).sort((a, b) => a - b),
    Array.from({ length: 2 * REQUESTS }, (_, n) => n),
  );
  assert.equal(after.at(-1)?.msg, "tunnel shut down cleanly");
  assert.deepEqual({ code, stdout, stderr }, {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

Deno.test("server goes on in a new file after SIGHUP", SIGNALS, async () => {
  await using directory = await temporaryDirectory();
  await using data = await temporaryDirectory();
  await using server = startProgram([
    "server",
    ...ANY_PORTS,
    `--data-dir=${data.path}`,
    `--log-file=${directory.path}/log`,
    "--log-format=json",
  ], { env: { SALLYPORT_USERS: `${USER.name}:${USER.key}` } });
  await logSays(directory.path, "browsers use the proxy");

  await rotate(server, directory.path);
  server.signal("SIGTERM");
  const { code, stdout, stderr } = await server.exit();

  assertWhole(await linesOf(`${directory.path}/log.1`));
  const after = await linesOf(`${directory.path}/log`);
  assertWhole(after);
  assert(after.length > 0);
  assert.deepEqual({ code, stdout, stderr }, {
    code: 0,
    stdout: "",
    stderr: "",
  });
});
