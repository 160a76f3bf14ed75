/** Promise: a plugin that is saved again is in use at once, and a broken edit changes nothing. @module */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

const WATCHED = { watch: true } as const;

/** A plugin that says which version it is. */
function version(number: number): string {
  return `export default {
    request: () => new Response("version ${number}"),
  };`;
}

for (const place of PLACES) {
  Deno.test(`an edit is in use at once, a broken one is logged and is not (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "answer.js": version(1),
    }, { place, plugins: WATCHED });
    const url = "http://a.test/";

    const first = await tunnel.get(url);
    await tunnel.files.write("answer.js", version(2));
    await tunnel.log.seen("plugins in use");
    const second = await tunnel.get(url);
    await tunnel.files.write("answer.js", "export default { request( };");
    const { level, fields } = await tunnel.log.seen(
      "cannot reload plugin, the old version keeps running",
    );
    const third = await tunnel.get(url);
    await tunnel.files.write("answer.js", version(3));
    await tunnel.log.seen("plugins in use", {}, { count: 2 });
    const fourth = await tunnel.get(url);

    assert.deepEqual([first, second, third, fourth].map(({ text }) => text), [
      "version 1",
      "version 2",
      "version 2",
      "version 3",
    ]);
    assert.equal(level, "error");
    assert.match(String(fields["error"]), /answer\.js:1:\d+\)/);
  });

  Deno.test(`connections that were kept do not outlive the plugin that led them (${place})`, async () => {
    await using before = await startOrigin();
    await using after = await startOrigin();
    const leadingTo = (port: number) =>
      `export default { connect: () => ({ hostname: "127.0.0.1", port: ${port} }) };`;
    await using tunnel = await startPluginSystem({
      "route.js": leadingTo(before.port),
    }, { place, plugins: WATCHED });

    await tunnel.get("http://a.invalid/status/200");
    await tunnel.files.write("route.js", leadingTo(after.port));
    await tunnel.log.seen("plugins in use");
    await tunnel.get("http://a.invalid/status/200");

    assert.deepEqual([before.heads.length, after.heads.length], [1, 1]);
  });
}

Deno.test("a new file in the folder becomes a plugin, a removed one ends", async () => {
  await using tunnel = await startPluginSystem({}, { plugins: WATCHED });

  await tunnel.files.write("answer.js", version(1));
  await tunnel.log.seen("plugins in use");
  const added = await tunnel.get("http://a.invalid/");
  await tunnel.files.remove("answer.js");
  await tunnel.log.seen("plugins in use", {}, { count: 2 });
  const removed = await tunnel.get("http://a.invalid/");

  assert.equal(added.text, "version 1");
  assert.match(removed.error ?? "", /^name_not_found /);
});

Deno.test("a running response is finished by the version that began it", async () => {
  await using site = await startOrigin();
  const marking = (number: number) =>
    `export default {
      async response(r) { r.body = await r.text() + "${number}"; },
    };`;
  await using tunnel = await startPluginSystem({ "mark.js": marking(1) }, {
    plugins: WATCHED,
  });

  const underWay = tunnel.get(`http://a.test:${site.port}/hold/a`);
  await site.held("a");
  await tunnel.files.write("mark.js", marking(2));
  await tunnel.log.seen("plugins in use");
  site.release("a");
  const old = await underWay;
  const next = await tunnel.get(`http://a.test:${site.port}/hold/a`);

  assert.match(old.text, /1$/);
  assert.match(next.text, /2$/);
});
