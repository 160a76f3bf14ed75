// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  createTunnelRequest,
  MAX_EXTRA_ENTRIES,
  type TunnelState,
  tunnelState,
} from "../../../src/api/resources/tunnel_resource.ts";

const STATE: TunnelState = {
  id: "0".repeat(32),
  owner: "ann",
  tunnel_identifier: "shop",
  status: "running",
  is_ready: true,
  host: "lab.test",
  protocol: "h2c",
  creation_time: 1_800_000_000,
  launch_time: 1_800_000_001,
  last_connected: 1_800_000_002,
  shutdown_time: null,
  shutdown_reason: null,
  user_shutdown: null,
  replaced_by: null,
  shared: "",
  shared_tunnel: false,
  tunnel_pool: false,
  dedicated_port: null,
  metadata: { hostname: "ci-7" },
};

Deno.test("tunnelState reads the state of a newer server and leaves out what it does not know", () => {
  const newer = {
    ...STATE,
    colour: "red",
    metadata: { ...STATE.metadata, mood: "good" },
  };

  assert.deepEqual(tunnelState.parse(newer), STATE);
});

Deno.test("tunnelState refuses a state without an id or with an unknown status", () => {
  const { id: _id, ...without } = STATE;

  assert.equal(tunnelState.safeParse(without).success, false);
  assert.equal(
    tunnelState.safeParse({ ...STATE, status: "booting" }).success,
    false,
  );
});

Deno.test("createTunnelRequest bounds everything that a client can make long", () => {
  const accepts = (fields: object) =>
    createTunnelRequest.safeParse({ tunnel_identifier: "a", ...fields })
      .success;
  const entries = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [at, "x"]));

  assert.equal(accepts({ deny_domains: Array(1000).fill("x") }), true);
  assert.equal(accepts({ deny_domains: Array(1001).fill("x") }), false);
  assert.equal(accepts({ deny_domains: ["x".repeat(1025)] }), false);
  assert.equal(accepts({ deny_domains: [""] }), false);
  assert.equal(
    accepts({ metadata: { extra: entries(MAX_EXTRA_ENTRIES) } }),
    true,
  );
  assert.equal(
    accepts({ metadata: { extra: entries(MAX_EXTRA_ENTRIES + 1) } }),
    false,
  );
  assert.equal(accepts({ metadata: { hostname: "x".repeat(1025) } }), false);
  assert.equal(
    accepts({ metadata: { command_args: "x".repeat(16_385) } }),
    false,
  );
});

Deno.test("createTunnelRequest lets empty lists stand beside full ones", () => {
  const parsed = createTunnelRequest.safeParse({
    tunnel_identifier: "a",
    tunnel_domains: ["shop"],
    direct_domains: [],
  });

  assert.equal(parsed.success, true);
});
