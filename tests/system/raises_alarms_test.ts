/**
 * Promise: each fault fires its alerts of `.github/prometheus/alerts.yml` and no
 * others, and every metric in alerts and dashboard is in a scrape.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { RawClient } from "../testing/raw_client.ts";
import { startTestServer } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";
import {
  ALERTS,
  checkAlerts,
  checkMetrics,
  checkRules,
} from "./alert_rules.ts";
import { limitProcess } from "./process_limits.ts";
import { startServerProgram } from "./programs.ts";
import { ELSEWHERE } from "./provider_metrics.ts";
import { provokedFaults, SERVER } from "./provoked_faults.ts";
import { Scrape, scrapedUntil } from "./watched_system.ts";

const DASHBOARD = fileURLToPath(
  new URL("../../.github/prometheus/dashboard.json", import.meta.url),
);
const GUIDE = fileURLToPath(
  new URL("../../.github/guides/operating.md", import.meta.url),
);
const TOOL = needs("promtool");
const LIMITING = needs("promtool", "prlimit", "sh");
/** Reads the metrics of a server, always on the same connection. */
async function scrapeAt(
  url: string,
  client: Deno.HttpClient,
): Promise<Scrape> {
  const authorization = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
  const answer = await fetch(`${url}/metrics`, {
    client,
    headers: { authorization },
  });
  return new Scrape(await answer.text());
}

/** A scrape of a server whose certificate expires tomorrow. */
async function scrapeExpiring(): Promise<Scrape> {
  const authority = await createTestAuthority();
  await using server = await startTestServer({
    tls: await authority.issue(["127.0.0.1"]),
  });
  using client = Deno.createHttpClient({ caCerts: [authority.ca] });
  return await scrapeAt(server.url.replace(/\/$/, ""), client);
}

Deno.test("each fault fires its alerts and no others", TOOL, async () => {
  const { transitions, scrapes } = await provokedFaults();
  const [quiet = {}] = scrapes;
  const expiring = { [SERVER]: await scrapeExpiring() };
  await checkRules();
  for (const scrape of Object.values(scrapes.at(-1) ?? {})) {
    await checkMetrics(scrape);
  }

  await checkAlerts([
    ...transitions,
    { name: "no answer", before: quiet, after: {}, alerts: ["SallyportDown"] },
    {
      name: "an old certificate",
      before: quiet,
      after: { ...quiet, ...expiring },
      alerts: [
        "SallyportCertificateExpiresNow",
        "SallyportCertificateExpiresSoon",
      ],
    },
  ]);
});

Deno.test(
  "a server that cannot write, and one that can open no file, fire their alerts",
  LIMITING,
  async () => {
    await using server = await startServerProgram({ survivesFullDisk: true });
    const caCerts = [await Deno.readTextFile(server.caFile)];
    using client = Deno.createHttpClient({ caCerts });
    const scrape = () => scrapeAt(server.url, client);
    const check = (name: string, value: number) => (found: Scrape) =>
      found.sum("health_check", { check: name }) === value;
    const quiet = await scrape();

    await limitProcess(server.process, "fsize", "1");
    const unwritable = await scrapedUntil(
      scrape,
      check("database", 0),
      "a check that fails",
    );
    await limitProcess(server.process, "fsize", "unlimited");
    const again = await scrapedUntil(scrape, check("database", 1), "its end");
    await limitProcess(server.process, "nofile", "10");
    using _refused = await RawClient.connect({ port: server.proxyPort });
    const withoutFiles = await scrapedUntil(
      scrape,
      (found) =>
        check("files", 0)(found) && found.sum("out_of_files_total") > 0,
      "no file",
    );
    await limitProcess(server.process, "nofile", "1000");

    await checkAlerts([
      {
        name: "a full disk",
        before: { [SERVER]: quiet },
        after: { [SERVER]: unwritable },
        alerts: ["SallyportHealthCheckFails"],
      },
      {
        name: "no file left",
        before: { [SERVER]: again },
        after: { [SERVER]: withoutFiles },
        alerts: ["SallyportHealthCheckFails", "SallyportOutOfFiles"],
      },
    ]);
  },
);

Deno.test("alerts, dashboard and guide name no metric that no program counts", async () => {
  const { scrapes } = await provokedFaults();
  await using server = await startTestServer(ELSEWHERE);
  using client = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const more = await scrapeAt(new URL(server.url).origin, client);
  const counted = new Set(
    [...scrapes.flatMap((step) => Object.values(step)), more]
      .flatMap(({ samples, text }) => [
        ...samples.map(({ name }) => name),
        ...Array.from(
          text.matchAll(/^# TYPE (\w+)/gm),
          ([, name = ""]) => name,
        ),
      ]),
  );

  for (const path of [ALERTS, DASHBOARD, GUIDE]) {
    const text = await Deno.readTextFile(path);
    const asked = new Set(
      Array.from(text.matchAll(/\bsallyport_\w+(?!\w|\*)/g), ([name]) => name),
    );
    const missing = [...asked].filter((name) => !counted.has(name));

    assert.ok(asked.size > 10, `${asked.size} metrics in ${path}`);
    assert.deepEqual(missing, [], path);
  }
});

Deno.test("each alert is of a fault that a test provokes", async () => {
  const alerts = (await Deno.readTextFile(ALERTS)).match(/(?<=- alert: )\w+/g);
  const tests = [import.meta.url, import.meta.resolve("./provoked_faults.ts")];
  const texts = await Promise.all(
    tests.map((url) => Deno.readTextFile(new URL(url))),
  );

  const untried = alerts?.filter((alert) =>
    !texts.some((text) => text.includes(`"${alert}"`))
  );

  assert.deepEqual(untried, []);
});
