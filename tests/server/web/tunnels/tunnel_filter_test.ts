/** What the list of tunnels shows. */
import assert from "node:assert/strict";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../../src/server/tunnels/tunnel.ts";
import {
  FILTER_STATES,
  filterOf,
  leavesOutTunnels,
  matchesTunnelFilter,
  readTunnelFilter,
} from "../../../../src/server/web/tunnels/tunnel_filter.ts";
import { FakeSession } from "../../fake_session.ts";

const ALL = { search: "", state: "all" } as const;

function tunnelWith(): Tunnel {
  return new TunnelRegistry().create({
    owner: "ann",
    name: "Shop",
    metadata: { hostname: "lab7", extra: { build: "42" } },
  }).tunnel;
}

Deno.test("a filter is read from its query, and an unknown state means all", () => {
  const read = (query: string) => readTunnelFilter(new URLSearchParams(query));
  assert.deepEqual(read(""), ALL);
  assert.deepEqual(read("state=odd&q=+a+"), { search: "a", state: "all" });
  assert.equal(read(`q=${"a".repeat(201)}`).search.length, 200);
  for (const state of FILTER_STATES) {
    assert.equal(read(`state=${state}`).state, state);
  }
  const url = "http://a.test/tunnels?q=b&state=running";
  const request = { url } as Parameters<typeof filterOf>[0]["req"];
  assert.deepEqual(filterOf({ req: request }), {
    search: "b",
    state: "running",
  });
});

Deno.test("a filter leaves tunnels out when a part of it is set", () => {
  assert.equal(leavesOutTunnels(ALL), false);
  assert.equal(leavesOutTunnels({ ...ALL, search: "a" }), true);
  assert.equal(leavesOutTunnels({ ...ALL, state: "stopped" }), true);
});

Deno.test("a tunnel is in one state, from its start to its end", () => {
  const tunnel = tunnelWith();
  const states = () =>
    FILTER_STATES.filter((state) =>
      matchesTunnelFilter(tunnel, { ...ALL, state })
    );
  assert.deepEqual(states(), ["all", "waiting"]);
  tunnel.attach(new FakeSession());
  assert.deepEqual(states(), ["all", "running"]);
  tunnel.beginStop({ reason: "api", byUser: true });
  assert.deepEqual(states(), ["all", "waiting"]);
  tunnel.markTerminated();
  assert.deepEqual(states(), ["all", "stopped"]);
});

Deno.test("a tunnel is found by name, owner, id, host and metadata, in any case", () => {
  const tunnel = tunnelWith();
  const matches = (search: string) =>
    matchesTunnelFilter(tunnel, { ...ALL, search });
  for (const search of ["", "shop", "ANN", tunnel.id, "lab7", "build=42"]) {
    assert.equal(matches(search), true, search);
  }
  assert.equal(matches("build=43"), false);
  assert.equal(
    matchesTunnelFilter(tunnel, { search: "shop", state: "stopped" }),
    false,
  );
  const bare = new TunnelRegistry().create({ owner: "ann", name: "a" }).tunnel;
  assert.equal(matchesTunnelFilter(bare, { ...ALL, search: "lab" }), false);
});
