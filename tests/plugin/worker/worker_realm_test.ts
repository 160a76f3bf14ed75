/*
 * What a plugin in a worker finds there. A newer Deno that adds something fails
 * this test: the person who updates it looks what that can do.
 */
import assert from "node:assert/strict";
import { answerText, contextOf, echo, requestOf } from "../exchanges.ts";
import { started } from "../started.ts";

/** What a plugin computes. */
async function inWorker(expression: string): Promise<string> {
  await using world = await started({
    "a.js": `export default { request: async () =>
      new Response(String(await (async () => ${expression})())) };`,
  }, { permissions: [] });
  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  return await answerText(response);
}

Deno.test("Deno keeps only what permissions cover", async () => {
  const usable = await inWorker(`Object.keys(Deno).filter((name) => {
    try {
      Deno[name]();
      return true;
    } catch (error) {
      return !error.message.endsWith(" is not available to plugins");
    }
  }).sort().join(" ")`);

  assert.equal(
    usable,
    "Command FsFile SeekMode build connect connectTls copyFile " +
      "copyFileSync create createSync env errors inspect listen lstat " +
      "lstatSync mkdir mkdirSync open openSync readDir readDirSync readFile " +
      "readFileSync readTextFile readTextFileSync realPath realPathSync " +
      "remove removeSync rename renameSync resolveDns startTls stat statSync " +
      "truncate truncateSync version writeFile writeFileSync writeTextFile " +
      "writeTextFileSync",
  );
  assert.equal(
    await inWorker(`Object.getOwnPropertySymbols(Deno).length + " " +
      typeof Deno.internal + " " + Object.keys(Deno.env)`),
    "0 undefined get,has,toObject",
  );
});

Deno.test("of global names there are those of the language and of the web", async () => {
  const names = await inWorker(
    "Object.getOwnPropertyNames(globalThis).sort().join(' ')",
  );

  const isOfDeno =
    /^(?:[a-z]\w*|GPU\w*|.*(?:Worker|Cache|Lock|Broadcast|Navigator).*)$/;
  assert.equal(
    names.split(" ").filter((name) => isOfDeno.test(name)).join(" "),
    "DedicatedWorkerGlobalScope WorkerGlobalScope WorkerLocation atob btoa " +
      "clearImmediate clearInterval clearTimeout close console " +
      "createImageBitmap crypto decodeURI decodeURIComponent dispatchEvent " +
      "encodeURI encodeURIComponent escape eval fetch global globalThis " +
      "isFinite isNaN location name parseFloat parseInt performance process " +
      "queueMicrotask reportError self setImmediate setInterval setTimeout " +
      "structuredClone undefined unescape",
  );
});

Deno.test("what libraries use is there", async () => {
  assert.equal(
    await inWorker(`[
      process.env.NODE_ENV,
      typeof process.versions.node,
      (() => {}) instanceof Function,
      (async () => {}) instanceof Function,
      new EventTarget().addEventListener("a", () => {}),
      Object.setPrototypeOf({}, { a: 1 }).a,
      ({ __proto__: { a: 2 } }).a,
      await new Promise((resolve) => process.nextTick(resolve, 3)),
    ].join()`),
    ",string,true,true,,1,2,3",
  );
});
