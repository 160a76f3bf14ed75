/** Sauce's own clients work with us: node-saucelabs, WebdriverIO's service, and the library of its plugins for Jenkins. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ServerProgram,
  startServerProgram,
  temporaryDirectory,
} from "../../system/programs.ts";
import { freePort } from "../../testing/free_port.ts";
import { needs } from "../../testing/needs.ts";
import { run } from "../../testing/process.ts";
import { USER } from "../../testing/user.ts";
import {
  installed,
  installedJar,
  installedPackages,
  program,
  TOOLS,
} from "../tools.ts";

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
const CI_SAUCE = fileURLToPath(new URL("CiSauce.java", import.meta.url));
const CLIENTS = fileURLToPath(new URL("sauce_clients.mjs", import.meta.url));
/** A whole conversation, with a start or two, in milliseconds. */
const PATIENCE = 90_000;

for (
  const [what, pack] of [
    ["saucelabs", "saucelabs"],
    ["wdio", "@wdio/sauce-service"],
  ] as const
) {
  const ignore = needs("node").ignore || installedPackages(pack).ignore;
  Deno.test({
    ignore,
    name: `${pack} starts a tunnel, sees it and ends it`,
    async fn() {
      await using server = await startServerProgram();
      const { port } = new URL(server.url);
      const { code, stdout, stderr } = await run("node", [
        CLIENTS,
        what,
        port,
        server.caFile,
        USER.name,
        USER.key,
        scriptFor(server),
      ], {
        ms: PATIENCE,
        env: {
          NODE_PATH: join(TOOLS, "node_modules"),
          STATUS_ADDRESS: `127.0.0.1:${freePort()}`,
        },
      });
      assert.equal(code, 0, stdout + stderr);
    },
  });
}

for (const command of ["run", "legacy"] as const) {
  Deno.test({
    ignore: installed("javac").ignore || installedJar("ci-sauce").ignore,
    name:
      `ci-sauce starts a tunnel with "${command}", shares it, sees it and ends it`,
    async fn() {
      await using server = await startServerProgram();
      await using folder = await temporaryDirectory();
      const sc = join(folder.path, "sc");
      await Deno.writeTextFile(sc, scriptFor(server), { mode: 0o755 });
      const { code, stdout, stderr } = await run(program("java"), [
        `-Djava.io.tmpdir=${folder.path}`,
        ...["-cp", join(TOOLS, "jars", "*"), CI_SAUCE, command],
        ...[new URL(server.url).port, server.caFile, USER.name, USER.key, sc],
      ], { ms: PATIENCE, cwd: folder.path });
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^all well$/m);
    },
  });
}

/** A program "sc". These clients give no address of the server: that comes from the environment. */
function scriptFor({ url, caFile }: ServerProgram): string {
  return `#!/bin/sh
export SALLYPORT_SERVER="${url}" SALLYPORT_CACERT_FILE="${caFile}"
exec "${Deno.execPath()}" run -q -P --no-prompt "${MAIN}" "$@"
`;
}
