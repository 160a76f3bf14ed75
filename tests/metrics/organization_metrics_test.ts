/** @module */
import assert from "node:assert/strict";
import {
  registerOrganizations,
  registerSenders,
} from "../../src/metrics/organization_metrics.ts";
import {
  OrganizationTallies,
  SenderTally,
} from "../../src/metrics/organization_tallies.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { parseMetrics, type Sample } from "../testing/metrics_text.ts";

async function samplesOf(
  organizations: OrganizationTallies,
  name: string,
): Promise<readonly Sample[]> {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  registerOrganizations(registry, { organizations, tunnels: () => [] });
  const families = parseMetrics(await registry.metrics());
  return families.get(`sallyport_organization_${name}`)?.samples ?? [];
}

Deno.test("organizations beyond a bound share one label value, and keep their numbers", async () => {
  const organizations = new OrganizationTallies(2);
  const names = ["a", "b", "c", "d", "", "a"];

  for (const name of names) organizations.of(name).countRequest(200);

  const samples = await samplesOf(organizations, "requests_total");
  const counts = samples.filter(({ labels }) => labels.code === "2xx")
    .map(({ labels, value }) => [labels.organization, value]);
  assert.deepEqual(counts, [["a", 2], ["b", 1], ["(other)", 2], [
    "(unknown)",
    1,
  ]]);
});

Deno.test("a thousand organizations make no more series than a hundred and two", async () => {
  const organizations = new OrganizationTallies();
  for (let at = 0; at < 1_000; at++) organizations.of(`o${at}`);
  organizations.of("");

  const samples = await samplesOf(organizations, "sessions");

  assert.equal(samples.length, 102);
});

Deno.test("classes of status have a series from the first scrape on; unusual ones when they come", async () => {
  const organizations = new OrganizationTallies();
  const tally = organizations.of("a");
  tally.countRequest(101);
  tally.countRequest(999);

  const samples = await samplesOf(organizations, "requests_total");

  assert.deepEqual(
    samples.map(({ labels, value }) => [labels.code, value]),
    [["1xx", 1], ["2xx", 0], ["3xx", 0], ["4xx", 0], ["5xx", 0], ["9xx", 1]],
  );
});

Deno.test("bytes of open and of ended sessions are one sum, and a session ends once", () => {
  const tally = new OrganizationTallies().of("a");
  const one = { stats: { bytesSent: 1, bytesReceived: 10 } };
  const two = { stats: { bytesSent: 2, bytesReceived: 20 } };
  tally.openSession(one);
  tally.openSession(two);

  tally.closeSession(one, "silent");
  tally.closeSession(one, "silent");

  assert.deepEqual(tally.bytes, { sent: 3, received: 30 });
  assert.equal(tally.sessions, 1);
  assert.equal(tally.sessionsOpened, 2);
  assert.equal(tally.sessionsLost.silent, 1);
});

Deno.test("users and jobs have a series for each usual class of status, with labels of the server's organizations", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const user = new SenderTally({ organization: "acme", user: "ann" });
  const job = new SenderTally({
    organization: "acme",
    user: "ann",
    job: 'say "a"',
  });
  user.requests.count(204);
  job.requests.count(101);
  registerSenders(registry, { users: () => [user], jobs: () => [job] }, [
    "organization",
  ]);

  const text = await registry.metrics();

  const lines = text.split("\n").filter((line) =>
    /^sallyport_(user|job)_/.test(line)
  );
  assert.deepEqual(lines, [
    'sallyport_user_requests_total{organization="acme",user="ann",code="2xx"} 1',
    ...["3xx", "4xx", "5xx"].map((code) =>
      `sallyport_user_requests_total{organization="acme",user="ann",code="${code}"} 0`
    ),
    'sallyport_job_requests_total{organization="acme",user="ann",job="say \\"a\\"",code="1xx"} 1',
    ...["2xx", "3xx", "4xx", "5xx"].map((code) =>
      `sallyport_job_requests_total{organization="acme",user="ann",job="say \\"a\\"",code="${code}"} 0`
    ),
  ]);
});
