import assert from "node:assert/strict";
import { registerShares } from "../../../src/metrics/share_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { SharedTables } from "../../../src/server/accounts/shared_tables.ts";
import { directoryOf } from "../directory.ts";

Deno.test("SharedTables knows whose entries are, and counts those that made room", async () => {
  const shares = new SharedTables(directoryOf({ ann: "acme" }));
  const gone: string[] = [];
  const table = shares.table<string>("jobs", {
    maxEntries: 1,
    onEvict: (value) => gone.push(value),
  });
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  registerShares(registry, { evictions: shares.evictions, cuts: () => 3 });

  for (const key of ["a", "b", "c"]) {
    table.set(key, key, shares.takerOf("ann"));
  }
  const text = await registry.metrics();

  assert.deepEqual(gone, ["a", "b"]);
  assert.deepEqual(shares.takerOf("ann"), {
    organization: "acme",
    user: "ann",
  });
  assert.deepEqual(shares.takerOf("eve"), { organization: "", user: "eve" });
  assert.match(text, /^sallyport_evictions_total\{table="jobs"\} 2$/m);
  assert.match(text, /^sallyport_connections_cut_total 3$/m);
});
