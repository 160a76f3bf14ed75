/** Promise: the client knows the user and the job of each request; browsers cannot forge them, and sites do not see them. */
import assert from "node:assert/strict";
import { recordLog } from "../testing/event_log.ts";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import type { FieldLines } from "../testing/received_content.ts";
import { runningSystem } from "../testing/running_system.ts";

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

Deno.test("a job in the user name is the job of what is inside opened TLS", async () => {
  await using origin = await startOrigin("https");
  await using system = await runningSystem(INSPECTED);
  const { username, password } = system.credentials;
  using client = Deno.createHttpClient({
    proxy: {
      url: system.proxyUrl,
      basicAuth: { username: `${username};job=checkout`, password },
    },
    caCerts: [system.server.ca?.pem ?? ""],
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
