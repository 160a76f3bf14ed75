import assert from "node:assert/strict";
import {
  openLiveStatus,
  type Terminal,
} from "../../../src/cli/live/live_status.ts";

const CONFIG = {
  logFile: undefined,
  logFormat: "text",
  server: "https://lab.test",
} as unknown as Parameters<typeof openLiveStatus>[0];

/** A terminal that takes everything. */
function terminal(columns: () => number): Terminal {
  return {
    isTerminal: () => true,
    columns,
    write: (bytes) => Promise.resolve(bytes.byteLength),
  };
}

Deno.test("a terminal with a width has a live status", async () => {
  await using live = openLiveStatus(
    CONFIG,
    () => undefined,
    terminal(() => 80),
  );
  assert.ok(live);
});

Deno.test("what only claims to be a terminal gets a plain log", () => {
  const unknown = terminal(() => {
    throw new Deno.errors.NotSupported("no console");
  });
  assert.equal(openLiveStatus(CONFIG, () => undefined, unknown), undefined);
  const isPipe = { ...terminal(() => 80), isTerminal: () => false };
  assert.equal(openLiveStatus(CONFIG, () => undefined, isPipe), undefined);
});
