/** Promise: a plugin in its sandbox has nothing that ends the client, nor what leads to it. @module */
import assert from "node:assert/strict";
import { startPluginProgram } from "./plugin_program.ts";

/** What ends a program, or stops it, where it is let. */
const WAYS = {
  kill: 'Deno.kill(Deno.pid, "SIGKILL")',
  exit: "Deno.exit(3)",
  command: 'new Deno.Command("kill", { args: ["-9", "0"] }).outputSync()',
  internal: "Deno[Deno.internal].core.ops.op_exit()",
  "process-kill": 'process.kill(process.pid, "SIGKILL")',
  "process-exit": "process.exit(3)",
  "process-abort": "process.abort()",
  builtin: 'process.getBuiltinModule("process").abort()',
  variable: 'Deno.env.set("HOME", "/")',
  signal: 'Deno.addSignalListener("SIGTERM", () => {})',
  // Each of these ended the whole program: the runtime does not expect it.
  then: "Object.prototype.then = () => { throw 1; }",
  call: "Function.prototype.call = () => { throw 1; }",
  promise: "Promise.prototype.then = () => { throw 1; }",
  resolve: "Promise.resolve = () => { throw 1; }",
};

Deno.test("the client goes on, and so does the plugin", async () => {
  const cases = Object.entries(WAYS).map(([name, code]) =>
    `case "/${name}": ${code}; return new Response("done");`
  ).join("\n");
  await using tunnel = await startPluginProgram(`"use strict";
    export default { request({ url }) {
      switch (url.pathname) {
        ${cases}
      }
      return new Response("well");
    } };`);
  assert.equal((await tunnel.get("/")).text, "well");

  for (const name of Object.keys(WAYS)) {
    const page = await tunnel.get(`/${name}`);

    assert.equal(page.status, 502, name);
    assert.match(page.text, /plugin "p": /, name);
    assert.equal((await tunnel.get("/")).text, "well", name);
  }
  const { stdout, stderr } = tunnel.client.process;
  assert.doesNotMatch(stdout, /worker ended/);
  assert.equal(stderr, "");
});

for (
  const name of [
    "process",
    "child_process",
    "fs",
    "module",
    "tty",
    "v8",
    "vm",
    "worker_threads",
  ]
) {
  Deno.test(`node:${name} is not for plugins in a sandbox`, async () => {
    await assert.rejects(
      startPluginProgram(`import "node:${name}"; export default {};`),
      /Cannot load plugin .*it imports "node:\w+", which only trusted plugins may/,
    );
  });
}

Deno.test("a trusted plugin has what the sandbox refuses", async () => {
  await using tunnel = await startPluginProgram(
    `import process from "node:process";
    export default {
      request: () => new Response(String(eval("process.pid === Deno.pid"))),
    };`,
    { permissions: "trusted" },
  );

  assert.equal((await tunnel.get("/")).text, "true");
});
