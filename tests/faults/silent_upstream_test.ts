/** Promise: an upstream proxy that accepts and says nothing is given up in time. @module */
import assert from "node:assert/strict";
import type { UpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { connectTo } from "../testing/browser.ts";
import { within } from "../testing/deadline.ts";
import { runningSystem } from "../testing/running_system.ts";

for (const protocol of ["http", "socks5"] as const) {
  Deno.test(`a silent upstream proxy (${protocol}) costs --http-dial-timeout`, async () => {
    // The system accepts; nobody reads.
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const upstreamProxy: UpstreamProxy = {
      protocol,
      hostname: "127.0.0.1",
      port: silent.addr.port,
      credentials: undefined,
    };
    await using system = await runningSystem({
      client: { upstreamProxy, dial: { timeout: 200 } },
    });

    const { status, error } = await within(
      connectTo("site.example:443", system.proxy),
      "the response",
    );

    assert.equal(status, 504);
    assert.match(error ?? "", /in time|timeout/);
  });
}
