/** Promise: the operating guide has every metric that Sauce Connect does not have, and no other. */
import assert from "node:assert/strict";
import { parseMetrics } from "../testing/metrics_text.ts";
import { runningSystem } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";
import { ELSEWHERE } from "./provider_metrics.ts";
import { CLIENT_METRICS } from "./sauce_connect_metrics.ts";

const GUIDE = new URL("../../.github/guides/operating.md", import.meta.url);
const PREFIX = "sallyport_";

const LIKE_SAUCE_CONNECT: ReadonlySet<string> = new Set(
  Object.keys(CLIENT_METRICS).map((name) =>
    PREFIX + name.replace(/_count$/, "")
  ),
);

/** The first cells of the table behind a line of the guide. */
function tableBehind(text: string, line: string): readonly string[] {
  const [, after = ""] = text.split(`\n${line}\n\n`);
  const [table = ""] = after.split("\n\n");
  return [...table.matchAll(/^\| `[^|]*/gm)]
    .flatMap(([cell]) => [...cell.matchAll(/sallyport_\w+/g)])
    .map(([name]) => name);
}

/** The metrics of a program that Sauce Connect does not have. */
function ownOf(families: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  return new Set(families.keys()).difference(LIKE_SAUCE_CONNECT);
}

Deno.test("the guide has a row for every metric, and a metric for every row", async () => {
  const guide = await Deno.readTextFile(GUIDE);
  const droppedLogLines = () => 0;
  await using system = await runningSystem({
    server: { droppedLogLines, ...ELSEWHERE },
    client: {
      droppedLogLines,
      plugins: { canGrow: true },
      apiAddress: { hostname: "127.0.0.1", port: 0 },
    },
  });
  const { server, client } = system;
  using trusting = Deno.createHttpClient({ caCerts: [server.ca?.pem ?? ""] });
  const scrape = async (base: string = "") => {
    const reply = await fetch(new URL("/metrics", base), {
      client: trusting,
      headers: {
        Authorization: `Basic ${btoa(`${USER.name}:${USER.key}`)}`,
      },
    });
    return parseMetrics(await reply.text());
  };

  const ofClient = ownOf(await scrape(client.apiUrl));
  const ofServer = ownOf(await scrape(server.url));

  const both = tableBehind(guide, "Both programs add:");
  const sorted = (names: Iterable<string>) => [...names].toSorted();
  assert.deepEqual(
    sorted(tableBehind(guide, "The client adds:")),
    sorted(ofClient.difference(new Set(both))),
  );
  assert.deepEqual(
    sorted(tableBehind(guide, "The server adds:")),
    sorted(ofServer.difference(new Set(both))),
  );
  assert.deepEqual(sorted(both), sorted(ofClient.intersection(ofServer)));
});
