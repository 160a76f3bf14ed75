// deno-lint-ignore-file camelcase -- names of the wire
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

/** Metrics of the client without `sauce_connect_`, and the labels they must have. */
const CLIENT: Readonly<Record<string, readonly string[]>> = {
  dialer_dialed_total: ["host"],
  dialer_closed_total: ["host"],
  dialer_errors_total: ["host"],
  dialer_cx_active: ["host"],
  dialer_retries_total: [],
  errors_total: ["name"],
  http_request_duration_seconds_count: ["code", "method"],
  http_requests_in_flight: ["method"],
  http_requests_total: ["code", "method"],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  process_start_time_seconds: [],
  proxy_errors_total: ["reason"],
  tunnel_connect_duration_seconds_count: ["address"],
  tunnel_dialer_dialed_total: ["host"],
  tunnel_dialer_closed_total: ["host"],
  tunnel_dialer_errors_total: ["host"],
  tunnel_errors_total: ["type"],
  tunnel_info: ["addr", "hostname", "id", "name"],
  tunnel_received_bytes: ["conn"],
  tunnel_sent_bytes: ["conn"],
  version: ["commit", "time", "version"],
};

/** Metrics of the server likewise. */
const SERVER: Readonly<Record<string, readonly string[]>> = {
  cert_expiry_timestamp_seconds: ["cn", "dns_names", "organization", "role"],
  http_requests_total: ["code", "method"],
  proxy_errors_total: ["reason"],
  version: ["commit", "time", "version"],
};

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

  assertCounted(ofServer, SERVER);
  // Sessions that are gone have no numbers, failures have them only now.
  assertCounted([...after, ...before], CLIENT);
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
