/** Promise: a site whose certificate a private CA has signed is trusted with `--cacert-file`, as a path or as `data:`. */
import assert from "node:assert/strict";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

const HOST = "shop.test";

/** What curl gets of the site: the status, and the reason of an error page. */
async function answerWith(
  flagOf: (ca: string, folder: string) => string | undefined,
): Promise<string> {
  await using folder = await temporaryDirectory();
  await using origin = await startOrigin("https", [HOST]);
  await using server = await startServerProgram();
  const ca = origin.ca ?? assert.fail();
  await Deno.writeTextFile(`${folder.path}/ca.pem`, ca);
  const flag = flagOf(ca, folder.path);
  await using _client = await startClientProgram(server, {
    args: [
      "--tls-resign-domains=all",
      `--host-override=${HOST}=127.0.0.1`,
      ...flag === undefined ? [] : [flag],
    ],
  });
  const { stdout } = await run("curl", [
    ...["--silent", "--cacert", server.browserCaFile, "--output", "/dev/null"],
    ...["--proxy", `http://127.0.0.1:${server.proxyPort}`],
    ...["--proxy-user", CREDENTIALS],
    ...["--write-out", "%{response_code} %header{x-sallyport-error}"],
    `https://${HOST}:${origin.port}/bytes/5`,
  ]);
  const [status = "", reason = ""] = stdout.split(" ");
  return `${status} ${reason}`.trim();
}

for (
  const [what, flagOf, expected] of [
    ["is refused without", () => undefined, "502 tls_certificate"],
    [
      "is trusted with its path in",
      (_: string, folder: string) => `--cacert-file=${folder}/ca.pem`,
      "200",
    ],
    [
      "is trusted with its data in",
      (ca: string) => `--cacert-file=data:base64,${btoa(ca)}`,
      "200",
    ],
  ] as const
) {
  Deno.test({
    ...needs("curl"),
    name: `a site with a private CA ${what} --cacert-file`,
    async fn() {
      assert.equal(await answerWith(flagOf), expected);
    },
  });
}
