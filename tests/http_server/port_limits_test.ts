import assert from "node:assert/strict";
import { portLimits } from "../../src/http_server/port_limits.ts";
import { listenToLog } from "../../src/log/configure.ts";
import { logger } from "../../src/log/log.ts";
import { createRegistry } from "../../src/metrics/registry.ts";

Deno.test("a port that accepts nothing is a warning, and a missing file an error", async () => {
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const limits = portLimits({
    log: logger("server"),
    metrics: createRegistry({ version: "1", commit: "a", time: "b" }),
  });
  limits.troubleOf("proxy", new Error("The network is down"));
  limits.outOfFiles();
  limits.outOfFiles();

  assert.deepEqual(lines.map((line) => line.trim()), [
    '[WARN] port accepts no connections port=proxy error="The network is down"',
    "[ERROR] the system has no file left: raise its limit (ulimit -n, LimitNOFILE) open=0 limit=8",
  ]);
});
