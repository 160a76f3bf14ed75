import assert from "node:assert/strict";
import { join } from "node:path";
import { LaunchError, openLauncher } from "../../../src/cli/launch/launcher.ts";
import { within } from "../../testing/deadline.ts";
import { temporaryDirectory } from "../../system/programs.ts";

const DENO = Deno.execPath();

Deno.test("a launcher starts its command with variables, and gives its exit code", async () => {
  using launcher = openLauncher({
    command: DENO,
    args: ["eval", `Deno.exit(Number(Deno.env.get("CODE")))`],
  });

  const { ended } = await launcher.start({ CODE: "7" });

  assert.equal(await within(ended, "the command"), 7);
});

Deno.test("a launcher passes a signal on", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using launcher = openLauncher({
    command: DENO,
    args: [
      "eval",
      `await (await Deno.connect({ port: ${port} })).read(new Uint8Array(1))`,
    ],
  });

  const command = await launcher.start({});
  using _conn = await within(listener.accept(), "the command to run");
  command.signal("SIGTERM");

  assert.equal(await within(command.ended, "the command"), 143);
});

Deno.test("a command that does not exist is 127, one that may not run is 126", async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, "data");
  await Deno.writeTextFile(file, "no program", { mode: 0o600 });
  const failureOf = async (command: string) => {
    using launcher = openLauncher({ command, args: [] });
    return await launcher.start({}).then(
      () => assert.fail("It has started"),
      (error) => error,
    );
  };

  const missing = await failureOf(join(folder.path, "nope"));
  const forbidden = await failureOf(file);

  assert.ok(missing instanceof LaunchError);
  assert.equal(missing.code, 127);
  assert.match(missing.message, /^Cannot run ".*nope": no such program, /);
  assert.equal(forbidden.code, 126);
  assert.match(forbidden.message, /^Cannot run ".*data": /);
});
