/**
 * Promise: with every option set that can hold a secret, none of them is found in
 * the log, in `/configz`, in the tunnel's metadata or in the printed file.
 */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { runProgram } from "../testing/process.ts";
import { startSquid } from "../testing/upstream.ts";
import { USER } from "../testing/user.ts";
import {
  clientArgs,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { callRest } from "./rest_calls.ts";

/** In every secret but the access key. */
const SECRET = "s3cr3t";

Deno.test({
  ...needs("squid"),
  name: "no secret of any option is shown anywhere",
  async fn() {
    await using server = await startServerProgram();
    await using squid = await startSquid({ user: "way" });
    const ca = btoa(await Deno.readTextFile(server.caFile));
    const args = [
      "--api-basic-auth=probe:s3cr3t-api",
      "--auth=jane:s3cr3t-site@shop.test:443",
      "--proxy=jane:s3cr3t-proxy@127.0.0.1:9",
      `--proxy-server=way:s3cr3t-way@127.0.0.1:${squid.port}`,
      `--cacert-file=data:base64,${ca}`,
      "--header=X-Api-Key: s3cr3t-header",
      "--response-header=X-Api-Key: s3cr3t-answer",
      "--connect-header=X-Api-Key: s3cr3t-connect",
      "--log-level=debug",
      "--log-http=body",
    ];
    await using client = await startClientProgram(server, { args });
    const asked = await fetch(`${client.apiUrl}configz`, {
      headers: { Authorization: `Basic ${btoa("probe:s3cr3t-api")}` },
    });
    const configz = await asked.text();
    const listed = await callRest(server, { path: "?full=true" });
    client.process.signal("SIGTERM");
    const { stdout, stderr, code } = await client.process.exit();
    const file = await runProgram(
      [...clientArgs(server), ...args, "config-file"],
      { env: { SALLYPORT_ACCESS_KEY: USER.key } },
    );

    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(listed.status, 200);
    assert.match(configz, /^proxy-server=http:\/\/way:xxxxx@/m);
    assert.match(file.stdout, /^# --- Required ---$/m);
    const shown = {
      log: stdout,
      configz,
      listed: listed.text,
      file: file.stdout,
    };
    for (const [place, text] of Object.entries(shown)) {
      assert.doesNotMatch(text, new RegExp(`${SECRET}|${USER.key}`), place);
      assert.doesNotMatch(
        text,
        new RegExp(btoa(`${USER.name}:${USER.key}`).slice(0, 16)),
        place,
      );
    }
  },
});
