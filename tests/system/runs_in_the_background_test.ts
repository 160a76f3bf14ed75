/**
 * Promise: `sallyport run --detach` returns when the tunnel is ready, and the
 * tunnel stays. `list`, `status`, `ready` and `stop` find it; other users of the
 * machine do not.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { get } from "../testing/browser.ts";
import { startOrigin } from "../testing/origin.ts";
import { type Exit, runProgram } from "../testing/process.ts";
import { TUNNEL, USER } from "../testing/user.ts";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

/** A user with a home directory of their own. */
class Person implements AsyncDisposable {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Runs the program as this user. */
  run(...args: readonly string[]): Promise<Exit> {
    const { SALLYPORT_LOG_FORMAT: _format, ...env } = CLIENT_ENV;
    return runProgram(args, {
      env: { ...env, XDG_STATE_HOME: this.#home },
      ms: 60_000,
    });
  }

  /** Ends what a failed test has left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("stop", "--all", "--timeout=0s");
  }

  /** Runs it and reads the JSON that it prints. */
  // deno-lint-ignore no-explicit-any -- whatever it prints
  async json(...args: readonly string[]): Promise<any> {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  /** Starts a tunnel in the background. */
  start(server: ServerProgram, ...more: readonly string[]): Promise<Exit> {
    const args = clientArgs(server)
      .filter((each) => !each.startsWith("--api-address"));
    return this.run(...args, "--detach", ...more);
  }
}

Deno.test("a tunnel in the background is found, and stopped", async (t) => {
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using home = await temporaryDirectory();
  await using other = await temporaryDirectory();
  await using jane = new Person(home.path);
  const folder = join(home.path, "sallyport", "tunnels");

  await t.step("without one there is nothing to stop", async () => {
    const { code, stderr } = await jane.run("stop");
    const ready = await jane.run("ready");

    assert.equal(code, 1);
    assert.equal(
      stderr,
      "sallyport: Cannot stop a tunnel: no such tunnel runs in the " +
        "background, see sallyport list\n",
    );
    assert.equal(ready.code, 1);
    assert.deepEqual(await jane.json("list"), []);
  });

  await t.step("the command returns when requests pass", async () => {
    const { code, stdout, stderr } = await jane.start(server);
    const page = await get(`${origin.url}/status/201`, server.proxy);

    assert.equal(code, 0, stderr);
    assert.equal(page.status, 201);
    assert.match(stdout, /^tunnel "lab" is ready\n/);
    assert.match(stdout, /stop it with: sallyport stop lab\n$/);
    assert.equal(stderr, "");
  });

  await t.step("list, status and ready say how it is", async () => {
    const [listed] = await jane.json("list");
    const status = await jane.json("status", TUNNEL);
    const table = await jane.run("list");
    const ready = await jane.run("ready", "--wait=60s");

    assert.equal(listed.name, TUNNEL);
    assert.equal(listed.state, "ready");
    assert.equal(status.id, listed.id);
    assert.equal(status.answered >= 1, true);
    assert.match(
      table.stdout,
      /^NAME +STATE +SINCE +SERVER +PROXY +PROCESS\nlab +ready +\S+Z +https:/,
    );
    assert.equal(ready.code, 0, ready.stderr);
    assert.match(
      await Deno.readTextFile(status.log),
      /you may start your tests/,
    );
    assert.deepEqual(await new Person(other.path).json("list"), []);
  });

  await t.step({
    name: "only this user can read its files, and no secret shows",
    ignore: Deno.build.os === "windows",
    async fn() {
      const [listed] = await jane.json("list");
      for await (const { name } of Deno.readDir(folder)) {
        const path = join(folder, name);
        const { mode } = await Deno.stat(path);
        assert.equal((mode ?? 0) & 0o777, 0o600, name);
        assert.ok(!(await Deno.readTextFile(path)).includes(USER.key), name);
      }
      const { mode } = await Deno.stat(folder);
      const file = await Deno.readTextFile(join(folder, `${listed.id}.json`));
      const { control, token } = JSON.parse(file);

      assert.equal((mode ?? 0) & 0o777, 0o700);
      assert.ok(!JSON.stringify(listed).includes(token));
      const refused = await fetch(`http://127.0.0.1:${control}/stop`, {
        method: "POST",
        headers: { "Authorization": "Bearer x" },
      });
      await refused.body?.cancel();
      assert.equal(refused.status, 401);
    },
  });

  await t.step("stop returns when it has ended", async () => {
    const stopped = await jane.json("stop", TUNNEL);

    await server.process.event("tunnel ended");
    assert.equal(stopped.length, 1);
    assert.equal(stopped[0].name, TUNNEL);
    assert.deepEqual(await jane.json("list"), []);
    assert.equal((await jane.run("stop", TUNNEL)).code, 1);
  });

  await t.step("a start that fails says why, and leaves nothing", async () => {
    const { code, stdout, stderr } = await jane.start(
      server,
      "--access-key=wr0ng",
    );

    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^sallyport: Cannot log in: [^\n]*\n$/);
    assert.deepEqual(await jane.json("list"), []);
  });

  await t.step("a tunnel that was killed is no longer listed", async () => {
    await jane.start(server);
    const [{ pid }] = await jane.json("list");

    Deno.kill(pid, "SIGKILL");

    // Until the system has closed its port.
    while ((await jane.json("list")).length > 0);
    const left = (await Array.fromAsync(Deno.readDir(folder)))
      .filter(({ name }) => name.endsWith(".json"));
    assert.deepEqual(left, []);
  });
});

Deno.test("the background and a command exclude each other", async () => {
  const { code, stderr } = await runProgram([
    "run",
    ...["--server=https://lab.example", "--username=a", "--tunnel-name=b"],
    ...["--access-key=c", "--detach", "--", "true"],
  ]);

  assert.equal(code, 1);
  assert.equal(
    stderr,
    "sallyport: Cannot use --detach with a command: the tunnel ends with the " +
      "command, leave one of them out\n",
  );
});
