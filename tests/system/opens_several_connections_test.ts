/**
 * Promise: a client keeps several connections to the server, as many as its
 * option says, and shows what passes on each.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { startOrigin } from "../testing/origin.ts";
import { startProgram } from "../testing/process.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { get } from "../testing/browser.ts";
import {
  CLIENT_ENV,
  clientArgs,
  startServerProgram,
  untilUp,
} from "./programs.ts";

const DEFAULT = Math.min(4 * availableParallelism(), 16);

for (
  const [what, args, count] of [
    ["by default 4 for each CPU core, at most 16", [], DEFAULT],
    ["as many as --tunnel-connections says", ["--tunnel-connections=3"], 3],
  ] as const
) {
  Deno.test(`the client opens connections, ${what}`, async () => {
    await using server = await startServerProgram();
    await using origin = await startOrigin();
    const usual = clientArgs(server).filter((arg) =>
      !arg.startsWith("--tunnel-connections")
    );
    await using client = startProgram([...usual, ...args], { env: CLIENT_ENV });
    await untilUp(client, count);
    const { proxy } = server;
    await get(`${origin.url}/bytes/100000`, proxy);

    const { fields } = await client.event("HTTP server listen");
    const answer = await fetch(`http://${fields["address"]}/metrics`);
    const metrics = parseMetrics(await answer.text());

    for (const direction of ["sent", "received"]) {
      const name = `sallyport_tunnel_${direction}_bytes`;
      const samples = metrics.get(name)?.samples ?? [];
      const labels = new Set(samples.map(({ labels }) => labels["conn"]));
      assert.equal(labels.size, count, name);
      assert.ok(samples.every(({ value }) => value > 0), name);
    }
    const sent = metrics.get("sallyport_tunnel_sent_bytes")?.samples ?? [];
    assert.ok(sent.some(({ value }) => value > 100_000));
  });
}
