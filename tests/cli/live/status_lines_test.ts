import assert from "node:assert/strict";

import { statusLines } from "../../../src/cli/live/status_lines.ts";
import type { ClientSnapshot } from "../../../src/client/state.ts";

const STARTING: ClientSnapshot = {
  state: "starting",
  since: 1_000,
  tunnel: undefined,
  apiUrl: undefined,
  sessions: 0,
  roundTripTime: undefined,
  underWay: 0,
  answered: 0,
  bytesSent: 0,
  bytesReceived: 0,
  lastError: undefined,
  failingPlugins: [],
};

const READY: ClientSnapshot = {
  ...STARTING,
  state: "ready",
  tunnel: {
    id: "0bf5b8e2090d4212ad2cc7c241382489",
    name: "lab",
    host: "lab.test",
    server: "lab.test:8444",
    proxy: "lab.test:8080",
    proxyUrl: "http://lab.test:8080",
  },
  apiUrl: "http://127.0.0.1:8032/",
  sessions: 8,
  roundTripTime: 12.34,
  underWay: 3,
  answered: 30,
  bytesSent: 3 * 1024 * 1024,
  bytesReceived: 2_000,
};

const OPTIONS = {
  before: undefined,
  page: "https://lab.test:8443",
  colours: false,
};

Deno.test("a client that starts says for how long", () => {
  assert.deepEqual(statusLines({ at: 4_900, client: STARTING }, OPTIONS), [
    "",
    "starting for 3s",
    "0 sessions · 0 running · 0.0 requests/s · 0 B/s in · 0 B/s out",
    "page https://lab.test:8443/",
  ]);
});

Deno.test("a client that is ready says where its proxy and pages are, and how much it does", () => {
  const before = { at: 2_000, client: { ...READY, answered: 5, bytesSent: 0 } };
  const now = { at: 4_000, client: READY };

  assert.deepEqual(statusLines(now, { ...OPTIONS, before }), [
    "",
    "ready for 3s · tunnel lab · proxy lab.test:8080",
    "8 sessions · round trip 12.3 ms · 3 running · 12.5 requests/s · 0 B/s in · 1.5 MiB/s out",
    "page https://lab.test:8443/ · status http://127.0.0.1:8032/",
  ]);
});

Deno.test("an error stays on one line, and cannot move the cursor", () => {
  const lastError = { text: "lost\n\x1b[2Jit", at: 3_000 };
  const client = { ...READY, lastError };
  const lines = statusLines({ at: 4_000, client }, OPTIONS);
  assert.equal(lines[3], "last error 1s ago: lost [2Jit");
});

Deno.test("what the server says neither colours nor turns round a line", () => {
  const { tunnel = assert.fail() } = READY;
  const client = {
    ...READY,
    lastError: { text: "a\u202eb", at: 4_000 },
    tunnel: { ...tunnel, name: "lab\x1b[8m", proxy: "\u2066x" },
  };
  const lines = statusLines({ at: 4_000, client }, OPTIONS);
  assert.match(lines[1] ?? "", / · tunnel lab\\u001b\[8m · proxy \\u2066x$/);
  assert.equal(lines[3], "last error 0s ago: a\\u202eb");
});

Deno.test("plugins that fail have a line each, three at most", () => {
  const bad = {
    plugin: "bad",
    hook: "request",
    reason: 'Cannot run hook "request" of plugin "bad": oh\x1b[2J (bad.js:2:8)',
    since: 0,
    count: 12,
    onFailure: "fail",
  } as const;
  const skipped = {
    ...bad,
    plugin: "slow",
    count: 1,
    onFailure: "skip",
  } as const;
  const lines = (...failingPlugins: ClientSnapshot["failingPlugins"]) =>
    statusLines({ at: 4_000, client: { ...READY, failingPlugins } }, OPTIONS)
      .slice(3, -1);

  assert.deepEqual(lines(), []);
  assert.deepEqual(lines(bad, skipped), [
    "plugin bad fails requests (12 failures): Cannot run hook " +
    '"request" of plugin "bad": oh [2J (bad.js:2:8)',
    "plugin slow is skipped (1 failure): Cannot run hook " +
    '"request" of plugin "bad": oh [2J (bad.js:2:8)',
  ]);
  assert.deepEqual(lines(bad, bad, bad, bad, bad).slice(3), [
    "2 more plugins fail",
  ]);
});

Deno.test("bytes that a session has forgotten do not make a negative rate", () => {
  const before = { at: 2_000, client: { ...READY, bytesSent: 1e12 } };
  const [, , traffic = ""] = statusLines({ at: 4_000, client: READY }, {
    ...OPTIONS,
    before,
  });
  assert.match(traffic, / · 0 B\/s out$/);
});

Deno.test("states have colours where they are wanted", () => {
  const lines = statusLines({ at: 4_000, client: READY }, {
    ...OPTIONS,
    colours: true,
  });
  assert.ok(lines[1]?.startsWith("\x1b[32mready\x1b[m for 3s"));
});

Deno.test("an error has its age, and goes half a minute after the client has recovered", () => {
  const lastError = { text: "refused", at: 10_000 };
  const errorAt = (at: number, client: Partial<ClientSnapshot>) =>
    statusLines({ at, client: { ...READY, lastError, ...client } }, OPTIONS)
      .find((line) => line.startsWith("last error"));
  const reconnecting = { state: "reconnecting", since: 5_000 } as const;
  const ready = { state: "ready", since: 20_000 } as const;

  assert.equal(errorAt(13_500, reconnecting), "last error 3s ago: refused");
  // As long as it lasts.
  assert.equal(errorAt(99_000, reconnecting), "last error 1m29s ago: refused");
  assert.equal(errorAt(49_999, ready), "last error 39s ago: refused");
  assert.equal(errorAt(50_000, ready), undefined);
  // Some sessions fail while others carry requests.
  assert.equal(errorAt(39_999, { since: 0 }), "last error 29s ago: refused");
  assert.equal(errorAt(40_000, { since: 0 }), undefined);
});

for (
  const [state, colour] of [
    ["starting", 33],
    ["ready", 32],
    ["reconnecting", 33],
    ["stopping", 33],
    ["stopped", 33],
  ] as const
) {
  Deno.test(`a client that is ${state} has colour ${colour}`, () => {
    const client = { ...READY, state };
    const lines = statusLines({ at: 4_000, client }, {
      ...OPTIONS,
      colours: true,
    });
    assert.ok(lines[1]?.startsWith(`\x1b[${colour}m${state}\x1b[m for 3s`));
  });
}

for (
  const [bytes, text] of [
    [1_023, "1023 B"],
    [1_024, "1.0 KiB"],
    [1_024 ** 2 - 1, "1024.0 KiB"],
    [1_024 ** 2, "1.0 MiB"],
    [1_024 ** 4, "1.0 TiB"],
    [1_024 ** 5, "1024.0 TiB"],
  ] as const
) {
  Deno.test(`${bytes} bytes a second are ${text}`, () => {
    const before = { at: 1_000, client: STARTING };
    const client = { ...STARTING, bytesReceived: bytes };
    const lines = statusLines({ at: 2_000, client }, { ...OPTIONS, before });
    assert.match(lines[2] ?? "", new RegExp(` · ${text}/s in · `));
  });
}

Deno.test("one session is one, and a clock that was set back makes no negative time", () => {
  const lastError = { text: "x", at: 9_000 };
  const client = { ...STARTING, sessions: 1, lastError, answered: 9 };
  for (const at of [0, 500]) {
    const before = { at: 500, client: STARTING };
    assert.deepEqual(statusLines({ at, client }, { ...OPTIONS, before }), [
      "",
      "starting for 0s",
      "1 session · 0 running · 0.0 requests/s · 0 B/s in · 0 B/s out",
      "last error 0s ago: x",
      "page https://lab.test:8443/",
    ]);
  }
});

Deno.test("four failing plugins are three and one more", () => {
  const failing = {
    plugin: "bad",
    hook: "request",
    reason: "no",
    since: 0,
    count: 1,
    onFailure: "fail",
  } as const;
  const lines = (count: number) => {
    const failingPlugins = Array.from({ length: count }, () => failing);
    return statusLines(
      { at: 4_000, client: { ...READY, failingPlugins } },
      OPTIONS,
    ).filter((line) => /more plugins? fails?$/.test(line));
  };
  assert.deepEqual(lines(3), []);
  assert.deepEqual(lines(4), ["1 more plugin fails"]);
});
