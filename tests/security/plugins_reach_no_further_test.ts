/** Promise: a plugin in its sandbox fetches only from hosts that it has permission for, whatever it does to its own world. @module */
import assert from "node:assert/strict";
import { parsePermissions } from "../../src/plugin/api/permissions.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  type PluginSystem,
  startPluginSystem,
} from "../system/plugin_system.ts";

/** A tunnel with a plugin that may reach `allowed.test`, and sends what `code` gives. */
async function startAttacker(code: string): Promise<PluginSystem> {
  return await startPluginSystem({
    "p.js": `export default {
      async request({ url }, { fetch }) {
        if (url.hostname !== "go.test") return;
        const host = (name) => "http://" + name + ":" + url.searchParams.get("port") + "/headers";
        try {
          ${code}
        } catch (error) {
          return new Response("failed: " + error.message);
        }
      },
    };`,
  }, {
    plugins: { permissions: [parsePermissions("p:net=allowed.test")] },
  });
}

/** What code of a plugin does to get further, by name. */
const ATTACKS: Readonly<Record<string, string>> = {
  plainly: `return await fetch(host("secret.test"));`,
  "by an object that reads differently each time": `let reads = 0;
    const request = { method: "GET", headers: [], get url() {
      return host(reads++ === 0 ? "allowed.test" : "secret.test");
    } };
    await fetch(request);
    return await fetch(request);`,
  "by a text that reads differently each time": `let reads = 0;
    return await fetch({ method: "GET", headers: [], url: { toString: () =>
      host(reads++ === 0 ? "allowed.test" : "secret.test") } });`,
  "by its own URL":
    `const { href } = Object.getOwnPropertyDescriptor(URL.prototype, "href");
    Object.defineProperty(URL.prototype, "href", { get: () => host("secret.test") });
    return await fetch(host("allowed.test"));`,
  "by its own Headers": `Headers.prototype[Symbol.iterator] = function* () {
      yield ["X", "1\\r\\nHost: secret.test\\r\\n\\r\\nGET /smuggled HTTP/1.1"];
    };
    return await fetch(host("allowed.test"));`,
  "by its own lists": `Array.prototype.flat = () => ["X Y: 1", "2"];
    return await fetch(host("allowed.test"));`,
  "by a user before the host":
    `return await fetch(host("allowed.test@secret.test"));`,
  "by a dot and letters in upper case":
    `return await fetch(host("allowed.test.secret.test"));`,
};

for (const [name, code] of Object.entries(ATTACKS)) {
  Deno.test(`a plugin does not reach another host ${name}`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startAttacker(code);

    const page = await tunnel.get(`http://go.test/?port=${site.port}`);

    for (const head of site.heads) {
      assert.match(head, /^GET \/headers HTTP\/1\.1\r\n/, page.text);
      assert.match(head, /\r\nhost: allowed\.test:\d+\r\n/i, page.text);
      assert.doesNotMatch(head, /secret|smuggled|X Y/i);
    }
    assert.ok(site.heads.length <= 1, "no second request");
  });
}

Deno.test("a plugin that fetches without end has 64 connections, and the client goes on", async () => {
  let open = 0;
  let most = 0;
  const first = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using site = startSite(async (exchange) => {
    most = Math.max(most, open += 1);
    first.resolve();
    await goOn.promise;
    open -= 1;
    await exchange.answer(200, { body: "x" });
  });
  await using other = await startOrigin();
  await using tunnel = await startAttacker(`
    const all = Array.from({ length: 1_000 }, () => fetch(host("allowed.test")).catch(() => {}));
    await Promise.all(all);
    return new Response("done");`);

  const page = tunnel.get(`http://go.test/?port=${site.port}`);
  await within(first.promise, "the first request");
  const { status } = await tunnel.get(`${other.url}/status/200`);
  const atOnce = most;
  goOn.resolve();
  await page;

  assert.equal(status, 200);
  assert.ok(atOnce <= 64, `${atOnce} connections`);
});
