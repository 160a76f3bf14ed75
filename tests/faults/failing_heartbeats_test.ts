/**
 * Promise: a REST API that takes no heartbeats does not end a tunnel, and the
 * client says so: in its log once, in a metric, in `/info` and on its page.
 */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { startOrigin } from "../testing/origin.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { get } from "../testing/browser.ts";
import { recordLog } from "../testing/event_log.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { startRestFront } from "../system/rest_front.ts";

/** More failures than one, to see that only the first is logged. */
const SOME = 3;

Deno.test("heartbeats that fail are said once, and shown until they succeed", async () => {
  await using log = await recordLog();
  await using origin = await startOrigin();
  await using server = await startTestServer();
  let isBusy = false;
  await using front = await startRestFront({
    url: server.url.replace(/\/$/, ""),
    caFile: server.ca?.file ?? "",
  }, {
    tunnelPort: server.tunnelAddress.port,
    answer: (path) =>
      isBusy && /\/tunnels\/\w{32}/.test(path)
        ? Response.json({ error: "The front is busy" }, { status: 503 })
        : undefined,
  });
  await using client = await startTestClient(server, {
    server: front.url,
    caCerts: [await Deno.readTextFile(front.caFile)],
    heartbeatInterval: 20,
    apiAddress: { hostname: "127.0.0.1", port: 0 },
  });
  const look = async (path: string) =>
    await (await fetch(new URL(path, client.apiUrl))).text();
  const heartbeats = async () => JSON.parse(await look("/info")).heartbeats;
  const until = (
    holds: (info: { failures: number; error: string | null }) => boolean,
    what: string,
  ) =>
    within(
      (async () => {
        while (!holds(await heartbeats()));
      })(),
      what,
    );
  assert.deepEqual(await heartbeats(), {
    failures: 0,
    failing_since: null,
    error: null,
  });

  isBusy = true;
  await until(({ failures }) => failures >= SOME, `${SOME} failures`);

  const { failing_since: since, error } = await heartbeats();
  assert.match(error, /busy/);
  assert(Math.abs(Date.parse(since) - Date.now()) < 60_000, since);
  assert.match(await look("/"), /takes no heartbeats since\s+\d{4}-/);
  assert.equal(await look("/readyz"), "OK");
  const page = await get(`${origin.url}/bytes/1`, {
    port: server.proxyAddress.port,
    credentials: CREDENTIALS,
  });
  assert.equal(page.status, 200);

  isBusy = false;
  await until(({ error }) => error === null, "a heartbeat that is taken");

  assert.doesNotMatch(await look("/"), /takes no heartbeats/);
  const metrics = parseMetrics(await look("/metrics"));
  const valueOf = (name: string) => metrics.get(name)?.samples[0]?.value ?? 0;
  assert(valueOf("sallyport_heartbeat_failures_total") >= SOME);
  assert(
    valueOf("sallyport_heartbeat_last_success_timestamp_seconds") * 1000 >
      Date.parse(since),
  );
  const said = log.matching([
    "heartbeat failed",
    "heartbeats succeed again",
  ]);
  assert.deepEqual(said.map(({ level, module }) => [level, module]), [
    ["warn", "control"],
    ["info", "control"],
  ]);
});
