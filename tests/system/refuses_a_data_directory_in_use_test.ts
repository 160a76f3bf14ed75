/** A data directory is for one server at a time; commands about accounts work beside it. */
import assert from "node:assert/strict";
import { runProgram } from "../testing/process.ts";
import { USER } from "../testing/user.ts";
import {
  ANY_PORTS,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";
import { listTunnels } from "./rest_calls.ts";

Deno.test("a second server on a data directory is refused in one line and changes nothing", async () => {
  await using first = await startServerProgram();
  await using client = await startClientProgram(first);
  const before = await listTunnels(first);
  const dataDir = `--data-dir=${first.dataDir}`;

  const second = await runProgram(["server", ...ANY_PORTS, dataDir], {
    env: { SALLYPORT_USERS: `${USER.name}:another-key-1,eve:evil-key-1234` },
  });
  const added = await runProgram(["user", "add", "joe", dataDir]);
  const users = await runProgram(["user", "list", dataDir]);

  assert.deepEqual([second.code, second.stderr], [
    2,
    `sallyport: Cannot start a server on the data directory "${first.dataDir}": another server uses it, stop that one or choose another with --data-dir\n`,
  ]);
  assert.doesNotMatch(second.stdout, /tunnel restored/);
  assert.deepEqual([added.code, added.stderr], [0, ""]);
  assert.match(users.stdout, /^NAME [^\n]*\ndemo [^\n]*\njoe [^\n]*\n$/);
  assert.deepEqual(await listTunnels(first), before);
  assert.equal(before instanceof Array && before.length, 1);
  assert.deepEqual(client.process.log.matching("connection lost"), []);
});

Deno.test("a server that was killed leaves its data directory to a new one", async () => {
  await using directory = await temporaryDirectory();
  await using first = await startServerProgram({ dataDir: directory.path });

  first.process.signal("SIGKILL");
  await first.process.exit();

  await using _second = await startServerProgram({ dataDir: directory.path });
});
