/**
 * Plays the table of ambiguous requests through a whole system before a site of
 * another make: what we pass on means the same there, and nothing else arrives.
 *
 * @module
 */
import assert from "node:assert/strict";
import { REQUEST_CONTENT } from "../../conformance/http1/request_content_rows.ts";
import { REQUEST_HEADS } from "../../conformance/http1/request_head_rows.ts";
import type { Row } from "../../conformance/http1/row.ts";
import { RawClient } from "../../testing/raw_client.ts";
import { runningSystem } from "../../testing/running_system.ts";
import type { RealOrigin } from "./origins.ts";

/** Rows whose own start line can be sent to a proxy. */
const PLAIN = /^(GET|POST) \/ (HTTP\/1\.1\r\n)/;

/** How often, and after how many milliseconds, a log is looked at. */
const LOOKS = 200;
const LOOK_INTERVAL = 100;

/** Asks for each row on a connection of its own, and then for `/next`. */
export async function playTable(origin: RealOrigin): Promise<void> {
  await using system = await runningSystem();
  const { authorization, proxyAddress } = system;
  const login = `Proxy-Authorization: ${authorization}\r\n`;
  const site = `http://127.0.0.1:${origin.port}`;
  const next = `GET ${site}/next HTTP/1.1\r\nHost: a.test\r\n${login}` +
    "Connection: close\r\n\r\n";
  const wanted: string[] = [];
  for (const [about, rows] of tables()) {
    for (const row of rows) {
      const name = `${about}: ${row.what}`;
      const text = row.text.replace(PLAIN, `$1 ${site}/ $2${login}`);
      using browser = await RawClient.connect(proxyAddress);
      await browser.send(text + next);
      const reply = await browser.readAll();
      const statuses = [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)];
      const messages = row.read ?? [];
      if (messages.length === 0) {
        assert.match(reply, /^HTTP\/1\.1 [45]\d\d /, `${name}: ${reply}`);
        continue;
      }
      assert.equal(statuses.length, messages.length + 1, `${name}: ${reply}`);
      assert.ok(reply.endsWith("next"), `${name}: ${reply}`);
      wanted.push(...messages, "GET /next|");
    }
  }
  const expected = wanted.map((line) =>
    // What a site does not tell, nobody can compare.
    origin.tellsContent ? line : line.replace(/\|.*/s, "|")
  );
  const seen = await waitForSeen(origin, expected.length);
  // A line end in the content ends the line that a site writes.
  const ofLines = expected.map((line) => line.replace(/\n.*/s, ""));
  assert.deepEqual(seen, ofLines);
}

/** The rows that a proxy can be sent: of those that are read, the ones with a plain start line. */
function tables(): [string, readonly Row[]][] {
  // With a URL in the request line, `Host` decides nothing.
  const { Host: _, ...heads } = REQUEST_HEADS;
  return Object.entries({ ...heads, ...REQUEST_CONTENT }).map((
    [about, rows],
  ) => [
    about,
    rows.filter(({ read, text }) => read === undefined || PLAIN.test(text)),
  ]);
}

/** What the site has seen, once that is as much as it should be: some logs are written late. */
async function waitForSeen(
  origin: RealOrigin,
  count: number,
): Promise<readonly string[]> {
  let seen = await origin.seen();
  for (let look = 0; look < LOOKS && seen.length < count; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    seen = await origin.seen();
  }
  return seen;
}
