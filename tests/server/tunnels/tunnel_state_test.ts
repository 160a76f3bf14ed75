/** What the REST API says about a tunnel in each of its states. */
import assert from "node:assert/strict";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { CreatedTunnel } from "../../../src/server/tunnels/registry.ts";
import type { TunnelSpec } from "../../../src/server/tunnels/tunnel.ts";
import {
  createdReplyOf,
  matchesMetadata,
  stateOf,
} from "../../../src/server/tunnels/tunnel_state.ts";
import { FakeSession } from "../fake_session.ts";

const HOST = "tunnels.test";
const PLACE = {
  url: `https://${HOST}`,
  host: HOST,
  tunnel: { hostname: HOST, port: 8030 },
  isTunnelAtServer: true,
  proxy: { hostname: HOST, port: 443, secure: true },
  plainProxy: { hostname: HOST, port: 8031 },
  hasOwnCa: true,
};

/** A tunnel that was created 1,999 ms after 1970. */
function created(
  spec: Partial<TunnelSpec> = {},
): CreatedTunnel & { readonly at: (milliseconds: number) => void } {
  let now = 1_999;
  const registry = new TunnelRegistry({ now: () => now });
  const made = registry.create({ owner: "ann", name: "shop", ...spec });
  return { ...made, at: (milliseconds) => now = milliseconds };
}

Deno.test("stateOf() has null for what has not happened", () => {
  const { tunnel } = created();

  assert.deepEqual(stateOf(tunnel, HOST), {
    id: tunnel.id,
    owner: "ann",
    tunnel_identifier: "shop",
    status: "new",
    is_ready: false,
    host: HOST,
    protocol: "h2c",
    creation_time: 1,
    launch_time: null,
    last_connected: null,
    shutdown_time: null,
    shutdown_reason: null,
    user_shutdown: null,
    replaced_by: null,
    shared: "",
    shared_tunnel: false,
    tunnel_pool: false,
    dedicated_port: null,
    metadata: {},
  });
});

Deno.test("stateOf() has whole seconds of all that has happened", () => {
  const { tunnel, at } = created({ pool: true });
  at(2_000);
  tunnel.attach(new FakeSession());
  assert.equal(stateOf(tunnel, HOST).is_ready, true);
  at(60_999);
  tunnel.beginStop({
    reason: "replaced",
    byUser: false,
    replacedBy: { user: "bob", host: "lab", address: "192.0.2.7", at: 59_999 },
  });
  tunnel.markTerminated();

  const state = stateOf(tunnel, HOST);

  assert.equal(state.launch_time, 2);
  assert.equal(state.last_connected, 2);
  assert.equal(state.shutdown_time, 60);
  assert.equal(state.shutdown_reason, "replaced");
  assert.equal(state.user_shutdown, false);
  assert.equal(state.tunnel_pool, true);
  assert.deepEqual(state.replaced_by, {
    user: "bob",
    host: "lab",
    address: "192.0.2.7",
    time: 59,
  });
});

for (const [shared, isShared] of [["all", true], ["", false]] as const) {
  Deno.test(`stateOf() has shared_tunnel ${isShared} for "${shared}"`, () => {
    const { tunnel } = created({ shared });
    assert.equal(stateOf(tunnel, HOST).shared, shared);
    assert.equal(stateOf(tunnel, HOST).shared_tunnel, isShared);
  });
}

Deno.test("createdReplyOf() says how the tunnel and browsers reach the server", () => {
  const made = created();

  const reply = createdReplyOf(made, PLACE);

  assert.equal(reply.tunnel_host, HOST);
  assert.equal(reply.tunnel_port, 8030);
  assert.equal(reply.tunnel_token, made.tunnelToken);
  assert.equal(reply.proxy_host, HOST);
  assert.equal(reply.proxy_port, 8031);
  assert.equal(reply.proxy_url, `https://${HOST}:443`);
  assert.equal(reply.proxy_own_ca, true);
  assert.equal(reply.tunnel_at_server, true);
  assert.equal(reply.proxy_username, "ann+shop");
  assert.equal(reply.proxy_password, made.proxyPassword);
  assert.deepEqual(reply.messages, { fatal: [], warning: [], info: [] });
});

Deno.test("createdReplyOf() warns of a port that was wanted and not free, of no other", () => {
  const warnings = (wantsPort: boolean, port?: number) => {
    const made = created({ wantsPort });
    if (port !== undefined) made.tunnel.assignPort(port);
    assert.equal(stateOf(made.tunnel, HOST).dedicated_port, port ?? null);
    return createdReplyOf(made, PLACE).messages.warning;
  };

  assert.match(String(warnings(true)), /^The server has no free port for/);
  assert.deepEqual(warnings(true, 9000), []);
  assert.deepEqual(warnings(false), []);
});

Deno.test("matchesMetadata() needs every wanted entry, with its value", () => {
  const metadata = { extra: { build: "7", branch: "main" } };
  const matches = (wanted: Record<string, string>) =>
    matchesMetadata({ metadata }, wanted);

  assert.equal(matches({ build: "7" }), true);
  assert.equal(matches({ build: "7", branch: "main" }), true);
  assert.equal(matches({ build: "7", branch: "other" }), false);
  assert.equal(matches({ build: "7", stage: "1" }), false);
  assert.equal(matchesMetadata({ metadata: {} }, { build: "7" }), false);
  assert.equal(matchesMetadata({ metadata: {} }, {}), true);
});
