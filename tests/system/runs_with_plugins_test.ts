/** Promise: the program takes plugins as its options say, from files as people write them. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { startOrigin } from "../testing/origin.ts";
import { runProgram, startProgram } from "../testing/process.ts";
import { get } from "../testing/browser.ts";
import {
  CLIENT_ENV,
  clientArgs,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";

const EXAMPLES = fileURLToPath(new URL("../../plugins/", import.meta.url));

/** A plugin in TypeScript that imports another file, and types that are nowhere. */
const GREETING = `import type { Plugin } from "@sallyport/sallyport";
import { greet } from "./_words.ts";

export default {
  request({ url }): Response | undefined {
    if (url.hostname === "hello.test") return new Response(greet(url.pathname));
  },
} satisfies Plugin;
`;
const WORDS =
  'export const greet = (who: string): string => "hello " + who.slice(1);\n';

Deno.test("run takes plugins of a folder, of a list and single ones, with their permissions and options", async () => {
  await using site = await startOrigin();
  await using server = await startServerProgram();
  await using files = await tempPlugins({
    "plugins/greeting.ts": GREETING,
    "plugins/_words.ts": WORDS,
    "client.yaml": `plugins:
  - use: ${EXAMPLES}pin_dns.ts
    options: { pinned.invalid: [127.0.0.1] }
  - use: ${EXAMPLES}basic_auth.ts
    name: login
    options: { pinned.invalid: { user: jane, password: s3cr3t } }
`,
  });
  await using client = await startClientProgram(server, {
    args: [
      `--plugin-dir=${files.path("plugins")}`,
      `--plugin=${EXAMPLES}add_header.ts`,
      `--plugin=${EXAMPLES}pin_dns.ts`,
      "--plugin-permissions=pin_dns:trusted",
      `--config-file=${files.path("client.yaml")}`,
    ],
  });
  const { proxy } = server;

  const greeting = await get("http://hello.test/jane", proxy);
  const pinned = await get(
    `http://pinned.invalid:${site.port}/basic-auth/jane/s3cr3t`,
    proxy,
  );
  const shown = await (await fetch(`${client.apiUrl}configz`)).text();
  const { stdout, log } = client.process;

  assert.equal(greeting.text, "hello jane");
  assert.equal(pinned.status, 200);
  assert.match(shown, /^plugins=xxxxx,xxxxx$/m);
  assert.deepEqual(
    log.matching("plugin loaded").map(({ fields }) => fields["plugin"]),
    ["greeting", "pin_dns", "login", "add_header"],
  );
  assert.doesNotMatch(stdout + shown, /s3cr3t/);
});

Deno.test("run takes the folder of plugins that it finds where it is started", async () => {
  await using server = await startServerProgram();
  await using files = await tempPlugins({
    "plugins/hello.ts": GREETING.replace("./_words", "./lib/words"),
    "plugins/lib/words.ts": WORDS,
  });
  await using client = startProgram(clientArgs(server), {
    cwd: files.directory,
    env: CLIENT_ENV,
  });
  await client.event("Sallyport is up, you may start your tests");

  const { text } = await get("http://hello.test/you", server.proxy);

  assert.equal(text, "hello you");
});

Deno.test("run does not take the examples that come with the source", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  assert.deepEqual(client.process.log.matching("plugin loaded"), []);
});

const MISTAKES = [
  ["export default { request( };", /bad\.ts": .* \(bad\.ts:1:\d+\)\n$/],
  ['import "./none.ts";\nexport default {};', /bad\.ts": .*none\.ts/],
  ["export default { reslove() {} };", /did you mean "resolve"\?/],
  [
    'export default {\n  setup() { throw new Error("no key"); },\n};',
    /hook "setup" of plugin "bad": no key \(bad\.ts:2:\d+\)\n$/,
  ],
] as const;

for (const permissions of ["none", "trusted"]) {
  Deno.test(`run says in one line which plugin cannot start, and does not (${permissions})`, async () => {
    for (const [source, says] of MISTAKES) {
      await using files = await tempPlugins({ "bad.ts": source });

      const { code, stderr } = await runProgram([
        "run",
        "--server=https://127.0.0.1:1",
        "--username=jane",
        "--tunnel-name=lab",
        `--plugin=${files.path("bad.ts")}`,
        `--plugin-permissions=${permissions}`,
      ], { env: CLIENT_ENV });

      assert.equal(code, 1, stderr);
      assert.match(stderr, /^sallyport: Cannot (load|run) [^\n]*\n$/);
      assert.match(stderr, says);
    }
  });
}
