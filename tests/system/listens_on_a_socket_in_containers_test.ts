/**
 * Promise: in containers the status API is a Unix socket, no TCP
 * port; `ready` finds it, and it is removed at exit.
 */
import assert from "node:assert/strict";
import { runProgram, startProgram } from "../testing/process.ts";
import {
  CLIENT_ENV,
  clientArgs,
  SIGNALS,
  startServerProgram,
  temporaryDirectory,
  untilUp,
} from "./programs.ts";

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSocket === true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

Deno.test("a client in a container listens on its socket alone", {
  ...SIGNALS,
}, async () => {
  const path = "/tmp/sallyport.sock";
  await using server = await startServerProgram();
  const env = { ...CLIENT_ENV, PLATFORM: "container" };
  const args = clientArgs(server).filter((arg) => !/^--api-address/.test(arg));

  const before = await runProgram(["ready"], { env });
  await using client = startProgram(args, { env });
  await untilUp(client, 2);
  const up = await runProgram(["ready"], { env });
  const { mode } = await Deno.stat(path);
  client.signal("SIGTERM");
  await client.exit();

  assert.equal(before.code, 1);
  assert.deepEqual(up, { code: 0, stdout: "ready\n", stderr: "" });
  assert.equal((mode ?? 0) & 0o777, 0o600);
  const listens = client.log.matching("HTTP server listen");
  assert.deepEqual(listens.map(({ fields }) => fields), [
    { socket: path, protocol: "http" },
  ]);
  assert.equal(await isThere(path), false);
});

Deno.test(
  "a client replaces a socket that was left behind, but no other file",
  {
    ...SIGNALS,
  },
  async () => {
    await using folder = await temporaryDirectory();
    await using server = await startServerProgram();
    const [left, file] = [`${folder.path}/left.sock`, `${folder.path}/file`];
    await Deno.writeTextFile(file, "kept");
    const args = clientArgs(server);
    const socketArgs = [...args, `--api-socket=${left}`];

    await using killed = startProgram(socketArgs, { env: CLIENT_ENV });
    await killed.event("HTTP server listen", { socket: left });
    killed.signal("SIGKILL");
    await killed.exit();
    const wasLeft = await isThere(left);
    await using client = startProgram(socketArgs, { env: CLIENT_ENV });
    await untilUp(client, 2);
    const ready = await runProgram(["ready", `--api-socket=${left}`]);
    const refused = await runProgram([...args, `--api-socket=${file}`], {
      env: CLIENT_ENV,
    });

    assert.ok(wasLeft);
    assert.equal(ready.code, 0);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^sallyport: Cannot listen on ".*file": /);
    assert.equal(await Deno.readTextFile(file), "kept");
  },
);
