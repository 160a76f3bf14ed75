/**
 * Promise: every log line about an exchange has its id, also of plugins and of
 * hosts whose certificate is not verified.
 */
import assert from "node:assert/strict";
import { type EventLog, recordLog } from "../testing/event_log.ts";
import { startOrigin } from "../testing/origin.ts";
import { runningSystem } from "../testing/running_system.ts";
import { get } from "../testing/browser.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

const PLUGIN = `export default {
  setup({ log }) { log.info("set up", { id: "none" }); },
  connect(target, { log }) { log.info("connect"); },
  resolve(hostname, { log }) { log.info("resolve"); },
  request(request, { log }) { log.info("request", { id: "forged" }); },
  response(response, { log }) { log.info("response"); },
};`;

for (const place of PLACES) {
  Deno.test(`the lines of a plugin name the exchange that they are about (${place})`, async () => {
    await using origin = await startOrigin();
    await using running = await startPluginSystem({ "talks.js": PLUGIN }, {
      place,
    });

    await running.get(`http://origin.test:${origin.port}/status/200`);
    await running.get(`http://origin.test:${origin.port}/status/204`);

    const exchanges = idsOf(running.log, "request finished");
    const ids = [...new Set(exchanges)].filter((id) => id.includes("-"));
    assert.equal(ids.length, 2);
    const [first = "", second = ""] = ids;
    assert.deepEqual(idsOf(running.log, "connect"), [first, second]);
    assert.deepEqual(idsOf(running.log, "resolve"), [first, second]);
    assert.deepEqual(idsOf(running.log, "request"), [first, second]);
    assert.deepEqual(idsOf(running.log, "response"), [first, second]);
    assert.deepEqual(idsOf(running.log, "set up"), ["none"]);
  });
}

Deno.test("the line about a certificate that is not verified names the exchange", async () => {
  await using origin = await startOrigin("https");
  await using log = await recordLog();
  await using system = await runningSystem({
    client: { insecureDomains: ["all"] },
  });

  await get(`https://origin.test:${origin.port}/status/200`, system.proxy);

  const [id] = idsOf(log, "certificate is not verified");
  assert.ok(idsOf(log, "request finished").includes(id ?? "none"));
});

/** The ids on the lines with this message. */
function idsOf(log: EventLog, message: string): readonly string[] {
  return log.matching(message).map(({ fields }) => String(fields["id"] ?? ""));
}
