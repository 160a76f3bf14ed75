/** Promise: a command that needs neither the network nor to write gives the permission back before it does anything. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sallyport } from "../cli/harness.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { run } from "../testing/process.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const CLI = new URL("../../src/cli/cli.ts", import.meta.url).href;

/** What the process may still do after a command. */
async function leftAfter(...args: readonly string[]): Promise<string> {
  await using folder = await tempPlugins({
    "after.ts": `import { main } from "${CLI}";
      const code = await main(${JSON.stringify(args)});
      const left = [];
      for (const name of ["net", "read", "write"]) {
        const { state } = await Deno.permissions.query({ name });
        if (state === "granted") left.push(name);
      }
      console.log("\\ncode " + code + " left " + left.join());`,
  });
  const { stdout, stderr } = await run(Deno.execPath(), [
    "run",
    "-q",
    "--no-check",
    `--config=${PROJECT}/deno.json`,
    "-P",
    "--no-prompt",
    folder.path("after.ts"),
  ]);
  return /\n(code .*)\n$/.exec(stdout)?.[1] ?? stderr;
}

Deno.test("accounts are looked after without the network", async () => {
  await using data = await tempPlugins({});
  const folder = `--data-dir=${data.directory}`;

  assert.equal(
    await leftAfter("user", "add", "jane", folder),
    "code 0 left read,write",
  );
  assert.equal(
    await leftAfter("key", "list", "jane", folder),
    "code 0 left read,write",
  );
});

Deno.test("what only prints has nothing", async () => {
  assert.equal(await leftAfter("version"), "code 0 left ");
  assert.equal(await leftAfter("help", "run"), "code 0 left ");
  assert.equal(await leftAfter("completion", "bash"), "code 0 left ");
});

Deno.test("a file of Sauce Connect 4 is translated without network and writing", async () => {
  await using folder = await tempPlugins({ "sc.yaml": "user: jane\n" });

  assert.equal(
    await leftAfter("legacy", folder.path("sc.yaml")),
    "code 0 left read",
  );
});

Deno.test("a command that needs them keeps them", async () => {
  assert.equal(
    await leftAfter("run", "config-file"),
    "code 0 left net,read,write",
  );
});

const CLIENT = [
  "run",
  "--server=https://127.0.0.1:1",
  "--username=jane",
  "--access-key=k",
  "--tunnel-name=lab",
  "--plugin-dir=none",
];

Deno.test("a client writes only where its options say so", async () => {
  await using files = await tempPlugins({});
  const services = {
    startClient: () => Promise.reject(new Error("far enough")),
  };
  const of = async (...args: readonly string[]) => {
    const revoked: string[] = [];
    await sallyport([...CLIENT, ...args], { services, revoked });
    return revoked;
  };

  assert.deepEqual(await of("--log-level=error"), ["write"]);
  assert.deepEqual(await of(`--log-file=${files.path("log")}`), []);
  assert.deepEqual(await of(`--api-socket=${files.path("socket")}`), []);
  for (const permission of ["trusted", "write=/tmp", "net;write"]) {
    assert.deepEqual(await of(`--plugin-permissions=${permission}`), []);
  }
  for (const allow of ['"trusted"', '{"write":["/tmp"]}']) {
    const entry = `{"use":"${files.path("a.js")}","allow":${allow}}`;
    assert.deepEqual(await of(`--plugins=${entry}`), []);
  }
  const reader = `{"use":"${files.path("a.js")}","allow":{"read":true}}`;
  assert.deepEqual(await of(`--plugins=${reader}`), ["write"]);
});
