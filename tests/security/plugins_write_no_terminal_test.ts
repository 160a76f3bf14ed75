/** Promise: what a plugin in its sandbox writes is lines of the log, with its name, and moves no cursor. @module */
import assert from "node:assert/strict";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { runProgram } from "../testing/process.ts";
import { startPluginProgram } from "./plugin_program.ts";

/** Sets the title of a terminal. */
const ESCAPE = "\\x1b]0;mine\\x07";

/** All ways to say something. */
const WAYS = {
  log: `console.log("${ESCAPE} logged %s", "it")`,
  error: `console.error("${ESCAPE}")`,
  trace: `console.trace("${ESCAPE}")`,
  table: `console.table(["${ESCAPE}"])`,
  context: `log.info("${ESCAPE}", { "${ESCAPE}": "${ESCAPE}" })`,
  stdout: `Deno.stdout.writeSync(new TextEncoder().encode("${ESCAPE}"))`,
  stderr: `Deno.stderr.writeSync(new TextEncoder().encode("${ESCAPE}"))`,
  process: `process.stdout.write("${ESCAPE}")`,
  throw: `throw "${ESCAPE}"`,
  thrown: `throw new Error("${ESCAPE}")`,
  prompt: `prompt("${ESCAPE}")`,
  late: `setTimeout(() => { throw new Error("${ESCAPE}"); }, 0)`,
  floating: `Promise.reject(new Error("${ESCAPE}"))`,
  report: `reportError(new Error("${ESCAPE}"))`,
  listener: `addEventListener("error", () => { throw new Error("${ESCAPE}"); }),
    reportError(1)`,
  handler: `globalThis.onerror = () => { throw new Error("${ESCAPE}"); },
    reportError(1)`,
  dispatch: `globalThis.dispatchEvent = () => { throw new Error("${ESCAPE}"); },
    reportError(1)`,
  message: `Object.defineProperty(ErrorEvent.prototype, "message", {
      get() { throw new Error("${ESCAPE}"); } }), reportError(1)`,
  prototype: `Object.setPrototypeOf(globalThis, new Proxy({}, {
      getPrototypeOf() { throw new Error("${ESCAPE}"); } })), reportError(1)`,
  symbols: `Reflect.ownKeys(globalThis).filter((key) => typeof key === "symbol")
      .forEach((key) => globalThis[key] = { get listeners() {
        throw new Error("${ESCAPE}"); } }), reportError(1)`,
};

const PLUGIN = `export default {
  async request({ url }, { log }) {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
    switch (url.pathname) {
      ${
  Object.entries(WAYS).map(([name, code]) =>
    `case "/${name}": ${code}; await pause(); return new Response("done");`
  ).join("\n")
}
    }
    return new Response("well");
  } };`;

Deno.test("no control character reaches the output of the client", async () => {
  await using tunnel = await startPluginProgram(PLUGIN, {
    env: { SALLYPORT_LOG_FORMAT: "text" },
  });

  for (const name of Object.keys(WAYS)) {
    await tunnel.get(`/${name}`);
    assert.equal((await tunnel.get("/")).text, "well", name);
  }
  const logged = await tunnel.client.process.event("console", {
    text: "\x1b]0;mine\x07 logged it",
    plugin: "p",
  });
  const { stdout, stderr } = tunnel.client.process;

  // deno-lint-ignore no-control-regex -- they are what it looks for
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  assert.equal(stderr, "");
  assert.equal(logged.level, "info");
  assert.match(stdout, / text="\\u001b\]0;mine\\u0007 logged it" plugin=p/);
  assert.doesNotMatch(stdout, /worker ended/);
});

Deno.test('nor that of "plugin test"', async () => {
  await using folder = await tempPlugins({
    "p.js": PLUGIN,
    "answer.js": `export default { request: () => new Response("${ESCAPE}") };`,
    "load.js": `throw "${ESCAPE}";`,
    "name.js": `export default { name: "${ESCAPE}" };`,
    "hook.js": `export default { "${ESCAPE}"() {} };`,
    "import.js": `import "./${ESCAPE}.js"; export default {};`,
    "node.js": `import "node:${ESCAPE}"; export default {};`,
  });
  const paths = Object.keys(WAYS).map((name) => ["p.js", name] as const);

  for (
    const [file, path] of [
      ...paths,
      ["answer.js", ""],
      ["load.js", ""],
      ["name.js", ""],
      ["hook.js", ""],
      ["import.js", ""],
      ["node.js", ""],
    ] as const
  ) {
    const { stdout, stderr } = await runProgram([
      "plugin",
      "test",
      folder.path(file),
      `--url=http://a.test/${path}`,
    ]);

    // deno-lint-ignore no-control-regex -- they are what it looks for
    const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;
    assert.doesNotMatch(stdout + stderr, control, `${file} ${path}`);
  }
});

Deno.test("a plugin that writes without end fills no disk", async () => {
  await using tunnel = await startPluginProgram(
    `export default { async request({ url }, { log }) {
      const long = "x".repeat(1_000_000);
      for (let count = 0; count < 20_000; count += 1) console.log(count);
      log.info(long, { long });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      log.info("afterwards", { long });
      return new Response("well");
    } };`,
  );

  const begin = performance.now();
  assert.equal((await tunnel.get("/")).text, "well");
  await tunnel.client.process.event("afterwards");
  const seconds = Math.ceil((performance.now() - begin) / 1000);
  const { log, stdout } = tunnel.client.process;

  const written = log.matching("console");
  assert.ok(written.length <= 1_000 * (seconds + 1), `${written.length} lines`);
  const warnings = log.matching("too many log lines, some were dropped", {
    plugin: "p",
  });
  const dropped = warnings.reduce(
    (sum, { fields }) => sum + Number(fields["lines"]),
    0,
  );
  assert.notEqual(dropped, 0);
  assert.ok(written.length + dropped >= 20_000, `${dropped} dropped`);
  assert.ok(stdout.split("\n").every((line) => line.length < 20_000));
});
