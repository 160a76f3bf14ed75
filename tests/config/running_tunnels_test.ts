import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type BackgroundTunnel,
  RunningTunnels,
  runningTunnels,
} from "../../src/config/running_tunnels.ts";
import { temporaryDirectory } from "../system/programs.ts";

const RECORD: BackgroundTunnel = {
  id: "0".repeat(32),
  name: "lab",
  server: "https://lab.example",
  proxy: "http://lab.example:8080",
  pid: 1,
  since: "2026-12-01T00:00:00Z",
  control: 1,
  token: "t",
  log: "/log",
};

Deno.test("a tunnel is listed until its file is disposed", async () => {
  await using folder = await temporaryDirectory();
  const tunnels = new RunningTunnels(join(folder.path, "a", "b"));

  assert.deepEqual(await tunnels.list(), []);
  {
    await using _kept = await tunnels.add(RECORD);
    assert.deepEqual(await tunnels.list(), [RECORD]);
  }
  assert.deepEqual(await tunnels.list(), []);
});

Deno.test("other files in the folder are passed over", async () => {
  await using folder = await temporaryDirectory();
  const tunnels = new RunningTunnels(folder.path);
  await using _kept = await tunnels.add(RECORD);
  await Deno.writeTextFile(join(folder.path, "a.json"), "{");
  await Deno.writeTextFile(join(folder.path, "b.json"), '{"id":"x"}');
  await Deno.writeTextFile(join(folder.path, "c.json"), " ".repeat(17 * 1024));

  assert.deepEqual(await tunnels.list(), [RECORD]);
});

Deno.test("twenty logs are kept, and those of running tunnels", async () => {
  await using folder = await temporaryDirectory();
  const tunnels = new RunningTunnels(folder.path);
  const running = join(folder.path, "running.log");
  await Deno.writeTextFile(running, "");
  await Deno.utime(running, 0, 0);
  await using _kept = await tunnels.add({ ...RECORD, log: running });

  for (let at = 0; at < 30; at += 1) {
    await Deno.writeTextFile(await tunnels.newLog("a/../b c"), "");
  }

  const logs = (await Array.fromAsync(Deno.readDir(folder.path)))
    .map(({ name }) => name).filter((name) => name.endsWith(".log"));
  assert.equal(logs.length, 21);
  assert.ok(logs.includes("running.log"));
  assert.ok(
    logs.every((name) =>
      /^(?:running|a_\.\._b_c-[0-9a-f]{8})\.log$/.test(name)
    ),
    logs.join(),
  );
});

Deno.test("a folder that cannot be made is one line", async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, "file");
  await Deno.writeTextFile(file, "");
  const tunnels = new RunningTunnels(join(file, "tunnels"));

  await assert.rejects(
    tunnels.add(RECORD),
    /^ConfigError: Cannot write ".*", which a tunnel in the background needs: .*, set XDG_STATE_HOME to a folder of yours$/,
  );
});

Deno.test("the folder is that of the system for what programs remember", () => {
  const of = (variables: Readonly<Record<string, string>>) =>
    runningTunnels((name) => variables[name])?.folder;

  assert.equal(of({ HOME: "/h" }), join("/h/.local/state/sallyport/tunnels"));
  assert.equal(of({ XDG_STATE_HOME: "/s" }), join("/s/sallyport/tunnels"));
  assert.equal(of({}), undefined);
});
