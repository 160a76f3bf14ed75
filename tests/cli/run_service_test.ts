import assert from "node:assert/strict";

import type { Context } from "../../src/cli/context.ts";
import { runService } from "../../src/cli/run_service.ts";
import { stopSignals } from "../../src/cli/signals.ts";
import { finished } from "./harness.ts";

function context(complaints: string[] = []): Context {
  return {
    environment: () => undefined,
    print: () => assert.fail("Nothing is printed"),
    ask: () => assert.fail("There is nothing to ask"),
    printError: (message) => void complaints.push(message),
    askSecret: () => assert.fail("There is nothing to ask"),
    openLauncher: () => assert.fail("No command is started"),
    revokePermissions: () => assert.fail("Nothing is given up"),
  };
}

Deno.test("runService() disposes a part that ended by itself", async () => {
  let disposed = 0;
  using signals = stopSignals();

  const code = await runService(
    () =>
      Promise.resolve({
        ...finished(),
        [Symbol.asyncDispose]: () => Promise.resolve(void disposed++),
      }),
    signals,
    context(),
  );

  assert.deepEqual({ code, disposed }, { code: 0, disposed: 1 });
});

Deno.test("runService() takes an unknown failure of a running part for its end", async () => {
  const complaints: string[] = [];
  const part = finished(new TypeError("boom"));
  using signals = stopSignals();

  const code = await runService(
    () => Promise.resolve(part),
    signals,
    context(complaints),
  );

  assert.deepEqual({ code, complaints }, { code: 3, complaints: ["boom"] });
});

Deno.test("runService() passes on why a part did not start", async () => {
  const error = new Error("no");
  using signals = stopSignals();

  await assert.rejects(
    runService(() => Promise.reject(error), signals, context()),
    error,
  );
});
