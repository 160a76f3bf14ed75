/**
 * Promise: sites learn the browser's address and the proxy, and a request that
 * comes round again is stopped.
 */
import assert from "node:assert/strict";

import { parseHeaderRule } from "../../src/http/header_rules.ts";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

type Line = readonly [name: string, value: string];

/** The fields that the site gets. */
async function received(
  system: RunningSystem,
  site: { readonly port: number },
  way: "plain" | "connect" = "plain",
): Promise<ReadonlyMap<string, string>> {
  using browser = await BrowserConnection.open(system.proxy, { site, way });
  const answer = await browser.exchange("GET", "/headers");
  const { fields }: { fields: Line[] } = JSON.parse(await answer.text());
  return new Map(fields.map(([name, value]) => [name.toLowerCase(), value]));
}

Deno.test("a site learns the browser's address, and a loop is noticed", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();

  const fields = await received(system, origin);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const again = await browser.exchange("GET", "/headers", {
    fields: [["Via", fields.get("via") ?? ""]],
  });

  const authority = `origin.test:${origin.port}`;
  assert.equal(fields.get("x-forwarded-for"), "127.0.0.1");
  assert.equal(fields.get("x-forwarded-proto"), "http");
  assert.equal(fields.get("x-forwarded-host"), authority);
  assert.equal(fields.get("x-forwarded-url"), `http://${authority}/headers`);
  assert.match(fields.get("via") ?? "", /^1\.1 sallyport-[0-9a-f]{20}$/);
  assert.equal(again.status, 400);
  assert.match(again.get("X-Sallyport-Error") ?? "", /^loop /);
});

Deno.test("inside CONNECT nothing is added", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();

  const fields = await received(system, origin, "connect");

  assert.deepEqual([...fields.keys()], ["host"]);
});

Deno.test("header rules remove what a site must not learn", async () => {
  await using origin = await startOrigin();
  const request = ["-x-forwarded-*", "-via"].map(parseHeaderRule);
  await using system = await runningSystem({
    client: { headers: { request } },
  });

  const fields = await received(system, origin);

  assert.deepEqual([...fields.keys()], ["host"]);
});
