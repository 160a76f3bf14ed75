/** Sauce's own clients work with us: node-saucelabs, and WebdriverIO's service. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServerProgram } from "../../system/programs.ts";
import { freePort } from "../../testing/free_port.ts";
import { needs } from "../../testing/needs.ts";
import { run } from "../../testing/process.ts";
import { USER } from "../../testing/user.ts";
import { installedPackages, TOOLS } from "../tools.ts";

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
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
      // They give no address of the server: that comes from the environment.
      const script = `#!/bin/sh
export SALLYPORT_SERVER="${server.url}" SALLYPORT_CACERT_FILE="${server.caFile}"
exec "${Deno.execPath()}" run -q -P --no-prompt "${MAIN}" "$@"
`;
      const { code, stdout, stderr } = await run("node", [
        CLIENTS,
        what,
        port,
        server.caFile,
        USER.name,
        USER.key,
        script,
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
