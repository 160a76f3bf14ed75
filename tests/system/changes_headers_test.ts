/**
 * Promise: header rules reach the site and the browser, and nothing else
 * changes.
 */
import assert from "node:assert/strict";

import {
  type HeaderRule,
  parseHeaderRule,
} from "../../src/http/header_rules.ts";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

function rules(...texts: readonly string[]): HeaderRule[] {
  return texts.map(parseHeaderRule);
}

function systemWith(
  request: readonly string[],
  response: readonly string[] = [],
): Promise<RunningSystem> {
  const headers = { request: rules(...request), response: rules(...response) };
  return runningSystem({ client: { headers } });
}

const SENT = [
  ["Accept", "*/*"],
  ["X-Debug-A", "1"],
  ["x-debug-b", "2"],
  ["x-trace-id", "3"],
  ["Referer", "http://a.test/"],
] as const;

Deno.test("--header adds, empties, removes, removes by prefix and keeps case", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith([
    "X-Added: a, b",
    "Referer;",
    "-accept",
    "-x-debug-*",
    "%X-TRACE-Id",
  ]);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const answer = await browser.exchange("GET", "/headers", { fields: SENT });
  const { fields } = JSON.parse(await answer.text());

  const named = (name: string) =>
    fields.filter((line: readonly string[]) => line[0]?.toLowerCase() === name);
  assert.deepEqual(named("x-added"), [["X-Added", "a, b"]]);
  assert.deepEqual(named("referer"), [["Referer", ""]]);
  assert.deepEqual(named("accept"), []);
  assert.deepEqual([...named("x-debug-a"), ...named("x-debug-b")], []);
  assert.deepEqual(named("x-trace-id"), [["X-TRACE-Id", "3"]]);
  assert.deepEqual(named("host"), [["Host", `origin.test:${origin.port}`]]);
});

Deno.test("--response-header changes what the browser gets", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith([], ["-set-*", "X-Seen: yes"]);
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const { get } = await browser.exchange("GET", "/cookies");

  assert.equal(get("Set-Cookie"), undefined);
  assert.equal(get("X-Seen"), "yes");
});

Deno.test("what passes in a CONNECT is left alone by header rules", async () => {
  await using origin = await startOrigin();
  await using system = await systemWith(["X-Added: a"]);
  const way = "connect";
  using browser = await BrowserConnection.open(system.proxy, {
    site: origin,
    way,
  });

  const answer = await browser.exchange("GET", "/headers");

  assert.doesNotMatch(await answer.text(), /X-Added/);
});
