/** Promise: a plugin that gets hold of its worker's end harms itself, and neither the client nor others, whatever it sends. @module */
import assert from "node:assert/strict";
import { startPluginProgram } from "./plugin_program.ts";

/** What it sends instead of its response, or before it, and whether that ends its worker. */
const FORGERIES = {
  // Nobody would hear that these fail.
  fetch: [
    '[call(0, "fetch", { method: "GET", url: "http://127.0.0.1:1/", headers: [] }), { kind: "cancel", id: 0 }]',
    true,
  ],
  read: ['[call(0, "read", 1, 1)]', true],
  line: [
    '[call(0, "log", { level: "constructor", message: "", fields: {} })]',
    true,
  ],
  text: ['["["]', true],
  list: ["null", false],
  memory: ["break_(list)", true],
  flood: [
    '[...Array(50_000).fill(call(0, "log", { level: "info", message: "flood", fields: {} })), ...list]',
    false,
  ],
  name: ['[call(9, "options", "other"), ...list]', false],
} as const;

const PLUGIN = `
const { map } = Array.prototype;
const typed = Object.getPrototypeOf(Uint8Array.prototype);
const { set } = typed;
let forge, shared;
Array.prototype.map = function (...args) {
  const list = Reflect.apply(map, this, args);
  if (forge === undefined || !String(list[0]).startsWith('["reply"')) return list;
  const forged = forge(list);
  forge = undefined;
  return forged;
};
typed.set = function (...args) {
  if (this.buffer instanceof SharedArrayBuffer) shared = this.buffer;
  return Reflect.apply(set, this, args);
};
const call = (id, name, ...args) => ({ kind: "call", id, name, args });
const break_ = (list) => {
  Atomics.notify(new Int32Array(shared).fill(2 ** 31 - 1), 0);
  return list;
};
const FORGERIES = {
  ${
  Object.entries(FORGERIES).map(([name, [code]]) =>
    `"/${name}": (list) => ${code},`
  ).join("\n  ")
}
};
export default { request({ url }, { log }) {
  log.info("asked");
  if (url.pathname === "/flood") log.info("flood");
  forge = FORGERIES[url.pathname];
  return new Response("well");
} };`;

Deno.test("the client goes on, and so does the plugin", async () => {
  await using tunnel = await startPluginProgram(PLUGIN, {
    permissions: "net",
  });
  assert.equal((await tunnel.get("/")).text, "well");

  for (const [name, [, ends]] of Object.entries(FORGERIES)) {
    const page = await tunnel.get(`/${name}`);

    assert.equal(page.status, ends ? 502 : 200, name);
    assert.equal((await tunnel.get("/")).text, "well", name);
  }
  const { log, stderr } = tunnel.client.process;
  const floods = log.matching("flood").length;
  assert.ok(floods > 0 && floods < 10_000, `${floods} lines`);
  const names = log.matching("asked").map(({ fields }) => fields["plugin"]);
  assert.deepEqual([...new Set(names)], ["p"]);
  assert.equal(stderr, "");
});
