// deno-lint-ignore-file camelcase -- the names on the wire
/** The first page of the status API: each state in words, and what is wrong. */
import assert from "node:assert/strict";
import type { ClientInfo } from "../../../src/client/status/info.ts";
import {
  renderStatusLive,
  renderStatusPage,
} from "../../../src/client/status/status_page.ts";

const INFO: ClientInfo = {
  tunnel_id: "0123456789abcdef0123456789abcdef",
  tunnel_name: "nightly",
  tunnel_server: "lab.test:8443",
  tunnel_host: "lab.test",
  proxy: "lab.test:3001",
  dedicated_proxy: null,
  state: "ready",
  state_since: "2026-11-28T15:04:05.678Z",
  started: "2026-11-28T15:04:01.000Z",
  reconnects: 3,
  last_error: null,
  heartbeats: { failures: 0, failing_since: null, error: null },
  connections: [],
  plugins: [],
  failing_plugins: [],
  rules: {},
};

const PLUGIN = {
  plugin: "stamp",
  hook: "request",
  error: "It threw",
  failing_since: "2026-11-28T15:05:00.000Z",
  failures: 1,
  on_failure: "fail",
} as const;

/** What a person reads, with single spaces. */
async function textOf(markup: unknown): Promise<string> {
  return String(await markup).replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&#39;", "'").replaceAll(/\s+/g, " ");
}

function live(changes: Partial<ClientInfo> = {}): Promise<string> {
  return textOf(renderStatusLive({ ...INFO, ...changes }));
}

const STATES = {
  starting: "The client is starting. Wait before you start tests.",
  ready: "The tunnel is ready. You may start your tests.",
  reconnecting: "The connection to the server is lost. The client " +
    "reconnects; tests must wait.",
  stopping: "The client is stopping, and waits for open requests.",
  stopped: "The client has stopped.",
} as const;

for (const [state, words] of Object.entries(STATES)) {
  Deno.test(`the page says what "${state}" means`, async () => {
    const text = await live({ state: state as ClientInfo["state"] });
    assert.ok(text.includes(words), text);
    assert.ok(text.includes(`State ${state} `), text);
  });
}

Deno.test("the page has the facts of the tunnel, with its times in UTC", async () => {
  const text = await live({ plugins: ["a", "b"] });
  for (
    const part of [
      "nightly",
      "Since 2026-11-28 15:04:05 UTC",
      "Started 2026-11-28 15:04:01 UTC",
      "Reconnects 3",
      "Server lab.test:8443",
      "Proxy for browsers lab.test:3001",
      "Plugins a, b",
      "No session is open.",
    ]
  ) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.doesNotMatch(text, /Last error|heartbeats|fails/);
});

Deno.test("what is not there yet has a dash, or a word", async () => {
  const text = await live({ tunnel_name: "", tunnel_server: "", proxy: "" });
  assert.match(text, /^ ?Client /);
  assert.ok(text.includes("Server – "));
  assert.ok(text.includes("Proxy for browsers – "));
  assert.ok(text.includes("Plugins none"));
});

Deno.test("errors and lost heartbeats are shown", async () => {
  const text = await live({
    last_error: "reset by peer",
    heartbeats: {
      failures: 2,
      failing_since: "2026-11-28T15:05:00.000Z",
      error: "refused",
    },
  });
  assert.ok(text.includes("Last error: reset by peer"));
  assert.ok(text.includes(
    "The server's REST API takes no heartbeats since " +
      "2026-11-28 15:05:00 UTC: refused",
  ));
});

Deno.test("a plugin that fails says what becomes of the requests", async () => {
  const one = await live({ failing_plugins: [PLUGIN] });
  assert.ok(
    one.includes(
      "Plugin stamp fails. Its requests fail. It threw. 1 call has failed " +
        "since 2026-11-28 15:05:00 UTC.",
    ),
    one,
  );
  const skipped = { ...PLUGIN, failures: 2, on_failure: "skip" } as const;
  const many = await live({ failing_plugins: [skipped] });
  assert.ok(
    many.includes(
      "Its requests pass without it. It threw. 2 calls have failed since",
    ),
    many,
  );
});

Deno.test("each session has a row", async () => {
  const text = await live({
    connections: [{
      connection: 1,
      remote: "lab.test:8443",
      since: "2026-11-28T15:04:02.000Z",
      streams: 7,
      bytes_sent: 1,
      bytes_received: 2,
      window_stalls: 0,
      round_trip_time: 12,
    }],
  });
  assert.match(
    text,
    /1 lab\.test:8443 2026-11-28 15:04:02 UTC 12 ms 7 1 B 2 B/,
  );
  assert.doesNotMatch(text, /No session is open/);
});

Deno.test("names from outside are text", async () => {
  const markup = String(
    await renderStatusLive({ ...INFO, tunnel_name: "<b>" }),
  );
  assert.ok(markup.includes("&lt;b&gt;"));
});

Deno.test("the page lists the endpoints, and the traffic where it is recorded", async () => {
  const page = async (...paths: string[]) =>
    String(await renderStatusPage({ info: INFO, version: "1.2.3", paths }));
  const bare = await page("/", "/readyz");
  assert.match(
    bare,
    /<a href="\/readyz">\/readyz<\/a>\s*<span>Whether tests may start<\/span>/,
  );
  assert.doesNotMatch(bare, /href="\/inspector"/);
  assert.match(bare, /data-events="\/page\/events"/);
  const both = await page("/", "/inspector", "/unknown");
  assert.ok(both.split('href="/inspector"').length > 2, "navigation and list");
  assert.match(both, /<a href="\/unknown">\/unknown<\/a>\s*<span><\/span>/);
});
