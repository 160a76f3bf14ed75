/** @module */
import assert from "node:assert/strict";
import type { StreamResponse } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { streamPair } from "../../src/net/stream_pair.ts";
import { LOOK_INTERVAL } from "../../src/server/cut_when_over.ts";
import { JobMembers } from "../../src/server/job_members.ts";
import { MemoryRegistry } from "../../src/server/registry.ts";
import { LeafCertificates } from "../../src/server/leaf_certificates.ts";
import { resignAuthority } from "../../src/server/resign_authority.ts";
import { Resigner } from "../../src/server/resigner.ts";
import { tunnelHandler } from "../../src/server/tunnel_handler.ts";
import { logger } from "../../src/log/log.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { ManualClock } from "./manual_clock.ts";

Deno.test("a CONNECT ends when the key that opened it is revoked", async () => {
  await using directory = await temporaryDirectory();
  const clock = new ManualClock();
  const { tunnel } = new MemoryRegistry().create({
    owner: "ann",
    name: "shop",
    rules: { "direct_domains": ["all"] },
  });
  const [stream, far] = streamPair();
  const opened: StreamResponse = {
    kind: "stream",
    status: 200,
    fields: new Fields(),
    stream,
  };
  const leaves = new LeafCertificates(
    await resignAuthority(undefined, directory.path),
  );
  await using resigner = new Resigner({ leaves, log: logger("proxy") });
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  let isRevoked = false;
  const handler = tunnelHandler({
    remote: "192.0.2.1",
    check: () =>
      Promise.resolve({ tunnels: () => [tunnel], isOver: () => isRevoked }),
    isOpen: false,
    signal: new AbortController().signal,
  }, {
    members: new JobMembers(),
    metrics: new ProxyMetrics(registry),
    resigner,
    direct: () => Promise.resolve(opened),
    httpLog: "none",
    tag: "here",
    clock,
  });
  const response = await handler({
    kind: "connect",
    method: "CONNECT",
    authority: "shop.test:443",
    fields: new Fields(),
  }, { id: "1", signal: new AbortController().signal, inform() {} });
  assert.equal(response.kind, "stream");
  const read = far.read(new Uint8Array(1));

  clock.advance(LOOK_INTERVAL);
  assert.equal(clock.pending, 1);
  isRevoked = true;
  clock.advance(LOOK_INTERVAL);

  await assert.rejects(read);
});
