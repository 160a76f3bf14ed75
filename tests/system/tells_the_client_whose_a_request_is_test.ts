/** Promise: the client knows the user and the job of each request; browsers cannot forge them, and sites do not see them. */
import assert from "node:assert/strict";
import { recordLog } from "../testing/event_log.ts";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import type { FieldLines } from "../testing/received_content.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { runningSystem } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";

const INSPECTED = {
  client: {
    apiAddress: { hostname: "127.0.0.1", port: 0 },
    inspector: {},
    tlsResignDomains: ["."],
    insecureDomains: ["all"],
  },
} as const;

/** What browsers might send to pass for others. */
const FORGED: FieldLines = [
  ["sallyport-user", "mallory"],
  ["Sallyport-Job", "forged"],
];

interface HarEntry {
  readonly _user?: string;
  readonly _job?: string;
}

async function harOf(apiUrl: string): Promise<readonly HarEntry[]> {
  const response = await fetch(`${apiUrl}inspector/export.har`);
  return (await response.json()).log.entries;
}

Deno.test("user and job of a request are in the log and the inspector of the client, and not at the site", async () => {
  await using origin = await startOrigin();
  await using log = await recordLog();
  await using system = await runningSystem(INSPECTED);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const fields: FieldLines = [...FORGED, ["X-Sallyport-Job", "job-7"]];
  const answer = await browser.exchange("GET", "/headers", { fields });
  const seenBySite = await answer.text();
  const [entry] = await harOf(system.client.apiUrl ?? "");
  const list = await (await fetch(`${system.client.apiUrl}inspector`)).text();
  const [, path] = /href="\/(inspector\/exchanges\/[^"]+)"/.exec(list) ?? [];
  const page = await (await fetch(`${system.client.apiUrl}${path}`)).text();

  assert.doesNotMatch(seenBySite, /"(?:x-)?sallyport-|job-7|mallory|forged/i);
  assert.deepEqual([entry?._user, entry?._job], ["demo", "job-7"]);
  assert.match(page, /<dt>User<\/dt>\s*<dd>demo</);
  assert.match(page, /<dt>Job<\/dt>\s*<dd>job-7</);
  await log.seen("request finished", { user: "demo", job: "job-7" });
});

Deno.test("client and server count requests by user and by job", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem(INSPECTED);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const job: FieldLines = [...FORGED, ["X-Sallyport-Job", "job-7"]];

  await (await browser.exchange("GET", "/headers", { fields: job })).text();
  await (await browser.exchange("GET", "/status/404", { fields: job })).text();
  await (await browser.exchange("GET", "/headers", { fields: FORGED })).text();

  using client = Deno.createHttpClient({
    caCerts: [system.server.ca?.pem ?? ""],
  });
  const headers = { Authorization: `Basic ${btoa(`demo:${USER.key}`)}` };
  const ofClient = await countsOf(`${system.client.apiUrl}metrics`);
  const ofServer = await countsOf(
    new URL("/metrics", system.server.url).href,
    { client, headers },
  );
  assert.deepEqual(ofClient, [
    "job_requests_total demo job-7 2xx 1",
    "job_requests_total demo job-7 4xx 1",
    "user_requests_total demo 2xx 2",
    "user_requests_total demo 4xx 1",
  ]);
  assert.deepEqual(
    ofServer,
    ofClient.map((line) => line.replace(" ", " default ")),
  );
});

/** What is counted for users and jobs, a line each: the name, the labels and the number. */
async function countsOf(
  url: string,
  init: RequestInit & { client?: Deno.HttpClient } = {},
): Promise<readonly string[]> {
  const families = parseMetrics(await (await fetch(url, init)).text());
  return ["job_requests_total", "user_requests_total"].flatMap((name) =>
    (families.get(`sallyport_${name}`)?.samples ?? [])
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) =>
        [name, ...Object.values(labels), value].join(" ")
      )
  );
}

Deno.test("a job in the user name is the job of what is inside opened TLS", async () => {
  await using origin = await startOrigin("https");
  await using system = await runningSystem(INSPECTED);
  const { username, password } = system.credentials;
  using client = Deno.createHttpClient({
    proxy: {
      url: system.proxyUrl,
      basicAuth: { username: `${username};job=checkout`, password },
    },
    caCerts: [system.server.browserCa],
  });

  const url = `https://origin.test:${origin.port}/headers`;
  const { status, body } = await fetch(url, { client });
  await body?.cancel();
  const entries = await harOf(system.client.apiUrl ?? "");

  assert.equal(status, 200);
  assert.deepEqual(
    entries.map(({ _user, _job }) => [_user, _job]),
    [["demo", "checkout"]],
  );
});

Deno.test("a request without a job stays without one, whatever its fields say", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem(INSPECTED);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const answer = await browser.exchange("GET", "/headers", { fields: FORGED });
  await answer.text();
  const [entry] = await harOf(system.client.apiUrl ?? "");

  assert.deepEqual([entry?._user, entry?._job], ["demo", undefined]);
});
