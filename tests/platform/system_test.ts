import assert from "node:assert/strict";
import { SYSTEM, systemOf } from "../../src/platform/system.ts";

Deno.test("SYSTEM is the system that the tests run on", () => {
  assert.equal(SYSTEM.name, Deno.build.os);
});

Deno.test("every signal that ends the program exists on its system", () => {
  // What the runtime takes on Windows; others throw there.
  const ofWindows = ["SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"];
  assert.deepEqual(
    systemOf("windows").stopSignals.filter((each) => !ofWindows.includes(each)),
    [],
  );
  assert.ok(!systemOf("linux").stopSignals.includes("SIGBREAK"));
  assert.ok(!systemOf("darwin").stopSignals.includes("SIGBREAK"));
});

Deno.test("Windows has neither modes, nor Unix sockets, nor a hang-up that asks for something", () => {
  const { hasFileModes, hasUnixSockets, hasHangUp } = systemOf("windows");
  assert.deepEqual([hasFileModes, hasUnixSockets, hasHangUp], [
    false,
    false,
    false,
  ]);
});
