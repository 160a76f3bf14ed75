/**
 * Other people's judges of what we write: schemathesis and redocly of both
 * OpenAPI documents, actionlint of the workflows.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../testing/process.ts";
import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "../../system/programs.ts";
import { USER } from "../../testing/user.ts";
import { installed, program } from "../tools.ts";

/** Seconds that schemathesis tries each API for. */
const SECONDS = 60;
const PATIENCE = 240_000;

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CONFIG = fileURLToPath(new URL("schemathesis.toml", import.meta.url));

/** Both documents, as files, and the APIs that they are about. */
interface Documents extends AsyncDisposable {
  readonly server: { readonly file: string; readonly url: string };
  readonly client: { readonly file: string; readonly url: string };
}

Deno.test({
  ...installed("schemathesis"),
  name: "schemathesis finds the REST API to be as its document says",
  async fn() {
    await using documents = await startDocuments();
    await conform(documents.server, [
      `--auth=${USER.name}:${USER.key}`,
      "--tls-verify=false",
      // Its texts are longer together than a request line may be.
      "--exclude-path=/{user}/tunnels/info/updates",
    ]);
  },
});

Deno.test({
  ...installed("schemathesis"),
  name: "schemathesis finds the status API to be as its document says",
  async fn() {
    await using documents = await startDocuments();
    await conform(documents.client, []);
  },
});

Deno.test({
  ...installed("redocly"),
  name: "redocly finds no error in the OpenAPI documents",
  async fn() {
    await using documents = await startDocuments();
    const { code, stdout, stderr } = await run(program("redocly"), [
      "lint",
      documents.server.file,
      documents.client.file,
    ], {
      ms: PATIENCE,
      env: { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    });
    assert.equal(code, 0, stdout + stderr);
  },
});

Deno.test({
  ...installed("actionlint"),
  name: "actionlint finds nothing in the workflows",
  async fn() {
    const workflows = [`${ROOT}.github/examples/ci/github.yml`];
    for await (const { name } of Deno.readDir(`${ROOT}.github/workflows`)) {
      workflows.push(`${ROOT}.github/workflows/${name}`);
    }
    const { code, stdout } = await run(program("actionlint"), workflows);
    assert.equal(code, 0, stdout);
    assert.ok(workflows.length > 0);
  },
});

async function startDocuments(): Promise<Documents> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const server = stack.use(await startServerProgram());
  const client = stack.use(await startClientProgram(server));
  using http = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(server.caFile)],
  });
  const apis = {
    server: `${server.url}/rest/v1`,
    client: client.apiUrl.slice(0, -1),
  };
  const saved = async (url: string, name: string) => {
    const response = await fetch(`${url}/openapi.json`, { client: http });
    const file = join(path, `${name}.json`);
    await Deno.writeTextFile(file, await response.text());
    return { file, url };
  };
  const documents = {
    server: await saved(apis.server, "server"),
    client: await saved(apis.client, "client"),
  };
  const parts = stack.move();
  return { ...documents, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** What the document says about statuses, types, fields and content holds for calls by chance. */
async function conform(
  { file, url }: Documents["server"],
  args: readonly string[],
): Promise<void> {
  const { code, stdout, stderr } = await run(program("schemathesis"), [
    `--config-file=${CONFIG}`,
    "run",
    file,
    `--url=${url}`,
    `--max-time=${SECONDS}`,
    "--max-examples=15",
    "--phases=examples,coverage,fuzzing",
    "--no-color",
    "--checks=status_code_conformance,content_type_conformance," +
    "response_headers_conformance,response_schema_conformance",
    ...args,
    // It keeps what it has found where it is started.
  ], { ms: PATIENCE, cwd: dirname(file) });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /[1-9]\d* passed/);
}
