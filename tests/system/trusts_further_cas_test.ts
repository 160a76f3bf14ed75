/**
 * Promise: a site whose certificate a private CA has signed is trusted with
 * `--cacert-file`, as a path or as `data:`, and where the system trusts it; so
 * is the server. `SSL_CERT_FILE` stands for the store of the system.
 */
import assert from "node:assert/strict";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run, runProgram } from "../testing/process.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

const HOST = "shop.test";

/** What says to a client that it may trust a CA. */
interface Telling {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What curl gets of the site: the status, and the reason of an error page. */
async function answerWith(
  tell: (ca: string, file: string) => Telling,
): Promise<string> {
  await using folder = await temporaryDirectory();
  await using origin = await startOrigin("https", [HOST]);
  await using server = await startServerProgram();
  const ca = origin.ca ?? assert.fail();
  const file = `${folder.path}/ca.pem`;
  await Deno.writeTextFile(
    file,
    `${ca}\n${await Deno.readTextFile(server.caFile)}`,
  );
  const { args = [], env = {} } = tell(ca, file);
  await using _client = await startClientProgram({
    url: server.url,
    // Where the system trusts the server's CA, the file has another one.
    caFile: env["SSL_CERT_FILE"] === undefined
      ? server.caFile
      : server.browserCaFile,
  }, {
    args: [
      "--tls-resign-domains=all",
      `--host-override=${HOST}=127.0.0.1`,
      ...args,
    ],
    env,
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

/** What says to a client that it may trust the site's CA, and what a browser gets. */
const CASES: readonly (readonly [
  what: string,
  tell: (ca: string, file: string) => Telling,
  expected: string,
])[] = [
  ["is refused by default", () => ({}), "502 tls_certificate"],
  [
    "is trusted with its path in --cacert-file",
    (_, file) => ({ args: [`--cacert-file=${file}`] }),
    "200",
  ],
  [
    "is trusted with its data in --cacert-file",
    (ca) => ({ args: [`--cacert-file=data:base64,${btoa(ca)}`] }),
    "200",
  ],
  [
    "is trusted where the system trusts it, and so is the server",
    (_, file) => ({ env: { SSL_CERT_FILE: file } }),
    "200",
  ],
];

for (const [what, tell, expected] of CASES) {
  Deno.test({
    ...needs("curl"),
    name: `a site with a private CA ${what}`,
    async fn() {
      assert.equal(await answerWith(tell), expected);
    },
  });
}

Deno.test("a refusal names the store of the system, and the user can leave it out", async () => {
  await using folder = await temporaryDirectory();
  const { ca } = await createTestAuthority({ name: "Company" });
  const file = `${folder.path}/system.pem`;
  await Deno.writeTextFile(file, ca);
  await using server = await startServerProgram();
  const says = async (env: Readonly<Record<string, string>>) => {
    const { code, stderr } = await runProgram([
      ...["run", `--server=${server.url}`, "--username=a", "--access-key=b"],
      "--tunnel-name=lab",
    ], { env: { SSL_CERT_FILE: file, ...env } });
    assert.equal(code, 2);
    return stderr;
  };

  const all = await says({});
  const builtIn = await says({ DENO_TLS_CA_STORE: "mozilla" });
  const system = await says({ DENO_TLS_CA_STORE: "system" });
  const missing = await says({ SSL_CERT_FILE: `${file}.gone` });

  const remedy = ": give its certificate with --cacert-file";
  const place = `"${file}" (SSL_CERT_FILE)`;
  assert.ok(all.includes(`neither built in nor in ${place}${remedy}`), all);
  assert.ok(builtIn.includes(`is not built in${remedy}`), builtIn);
  assert.ok(system.includes(`is not in ${place}${remedy}`), system);
  const [warning, refusal] = missing.split("\n");
  assert.match(warning ?? "", /: SSL_CERT_FILE names ".*\.gone", which cannot/);
  assert.match(refusal ?? "", /is not built in: /);
});
