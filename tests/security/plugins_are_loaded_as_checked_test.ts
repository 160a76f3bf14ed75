/** Promise: what was checked is what runs, when files change too. @module */
import assert from "node:assert/strict";
import { answerText, contextOf, echo, requestOf } from "../plugin/exchanges.ts";
import { started } from "../plugin/started.ts";
import { startPluginProgram } from "./plugin_program.ts";

const KEEPS_OLD = "cannot reload plugin, the old version keeps running";

const answering = (text: string) =>
  `export default { request: () => new Response("${text}") };`;

Deno.test("a file that changes is checked again, and what may not run does not", async () => {
  await using tunnel = await startPluginProgram(
    `import words from "./_words.js"; ${answering("first")}`,
    { files: { "_words.js": 'export default "";' } },
  );
  const path = tunnel.path("p.js");
  const library = tunnel.path("_words.js");
  const { process } = tunnel.client;
  assert.equal((await tunnel.get("/")).text, "first");

  await Deno.writeTextFile(
    path,
    `import k from "/etc/hosts" with { type: "text" }; ${answering("second")}`,
  );
  await process.event(KEEPS_OLD, { error: /it imports \S+\/etc\/hosts/ });
  const second = await tunnel.get("/");
  await Deno.writeTextFile(
    path,
    `import words from "./_words.js"; ${answering("third")}`,
  );
  await process.event("plugins in use");
  const third = await tunnel.get("/");
  await Deno.writeTextFile(library, 'import "npm:is-odd@3"; export default 1;');
  await process.event(KEEPS_OLD, { error: /it imports \S+npm:is-odd/ });
  const fourth = await tunnel.get("/");

  assert.deepEqual(
    [second, third, fourth].map(({ text }) => text),
    ["first", "third", "third"],
  );
});

Deno.test("a new worker runs the text that was checked, not the current file", async () => {
  const text = (version: number) =>
    `export default {
      setup({ log }) { log.info("set up"); },
      request({ url, headers }) {
        if (url.pathname === "/close") self.close();
        headers.set("Version", "${version}");
      },
    };`;
  await using world = await started({ "a.js": text(1) }, {
    permissions: [],
    watch: false,
  });
  const ask = async (path: string) =>
    await answerText(
      await world.plugins.intercept(echo)(
        requestOf(`http://a.test${path}`),
        contextOf(),
      ),
    );

  const before = await ask("/");
  await world.files.write("a.js", `${text(2)} eval("1");`);
  await ask("/close").catch(() => {});
  await ask("/").catch(() => {});
  await world.log.seen("set up", {}, { count: 2 });
  const after = await ask("/");

  assert.match(before, /Version: 1$/);
  assert.match(after, /Version: 1$/);
});
