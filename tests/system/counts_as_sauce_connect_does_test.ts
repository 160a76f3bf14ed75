/**
 * Promise: client and server count under the names that dashboards of Sauce
 * Connect 5 know, with another beginning.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { parseMetrics, type Sample } from "../testing/metrics_text.ts";
import { get } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import {
  type ServerProgram,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { CLIENT_METRICS, SERVER_METRICS } from "./sauce_connect_metrics.ts";

async function scrape(
  url: string,
  { caFile }: ServerProgram,
): Promise<readonly Sample[]> {
  const caCerts = [await Deno.readTextFile(caFile)];
  using client = Deno.createHttpClient({ caCerts });
  const Authorization = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
  const answer = await fetch(url, { client, headers: { Authorization } });
  return [...parseMetrics(await answer.text()).values()]
    .flatMap(({ samples }) => samples);
}

function assertCounted(
  samples: readonly Sample[],
  names: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [name, labels] of Object.entries(names)) {
    const found = samples.find((each) => each.name === `sallyport_${name}`);
    assert.ok(found, `${name} is not counted`);
    const own = Object.keys(found.labels).filter((each) => each !== "le");
    assert.deepEqual(own.toSorted(), labels, name);
  }
}

Deno.test("every metric of Sauce Connect 5 has its counterpart, with its labels", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server, {
    args: ["--http-dial-attempts=1", "--http-idle-conn-timeout=1ms"],
  });
  await using origin = await startOrigin();
  const { proxy } = server;
  await get(`${origin.url}/until-close/5`, proxy);
  await get("http://127.0.0.1:1/", proxy);
  await get("http://127.0.0.1:1/", { ...proxy, credentials: undefined });
  const ofServer = await scrape(`${server.url}/metrics`, server);
  const before = await scrape(`${client.apiUrl}metrics`, server);
  // The counters of dials to the server appear when it is gone.
  server.process.signal("SIGKILL");
  await client.process.event("connect failed");

  const after = await scrape(`${client.apiUrl}metrics`, server);

  assertCounted(ofServer, SERVER_METRICS);
  // Sessions that are gone have no numbers, failures have them only now.
  assertCounted([...after, ...before], CLIENT_METRICS);
  const errors = after.find(({ name }) => name === "sallyport_errors_total");
  assert.deepEqual(errors?.labels, { name: "tunnel" });
});

Deno.test("a scraper that accepts OpenMetrics gets it", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);

  const answer = await fetch(`${client.apiUrl}metrics`, {
    headers: { Accept: "application/openmetrics-text; version=1.0.0" },
  });
  const text = await answer.text();

  assert.match(
    answer.headers.get("content-type") ?? "",
    /^application\/openmetrics-text; ?version=1\.0\.0/,
  );
  assert.match(text, /\n# EOF\n$/);
  assert.match(text, /^# TYPE sallyport_tunnel_dialer_dialed counter$/m);
});
