// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import {
  createdTunnelReply,
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

const CREATED = {
  ...STATE,
  messages: { fatal: [], warning: [], info: [] },
  tunnel_host: "lab.test",
  tunnel_port: 1,
  tunnel_token: "t",
  proxy_host: "lab.test",
  proxy_port: 65_535,
  proxy_username: "ann+shop",
  proxy_password: "p",
};

Deno.test("createdTunnelReply has ports from 1 to 65535, and no empty text", () => {
  const accepts = (fields: object) =>
    createdTunnelReply.safeParse({ ...CREATED, ...fields }).success;

  assert.equal(accepts({}), true);
  for (const name of ["tunnel_port", "proxy_port", "dedicated_port"]) {
    for (const [port, isValid] of [[0, false], [1, true], [65_536, false]]) {
      assert.equal(accepts({ [name]: port }), isValid, `${name} ${port}`);
    }
  }
  for (
    const name of [
      "tunnel_host",
      "tunnel_token",
      "proxy_host",
      "proxy_username",
      "proxy_password",
    ]
  ) {
    assert.equal(accepts({ [name]: "" }), false, name);
    assert.equal(accepts({ [name]: "x" }), true, name);
  }
});

Deno.test("createTunnelRequest has one list of domains of each pair, and says which is too many", () => {
  for (
    const [one, other] of [
      ["tunnel_domains", "direct_domains"],
      ["tls_resign_domains", "tls_passthrough_domains"],
    ] as const
  ) {
    const parse = (fields: object) =>
      createTunnelRequest.safeParse({ tunnel_identifier: "a", ...fields });

    assert.equal(parse({ [one]: ["a.test"] }).success, true);
    assert.equal(parse({ [other]: ["a.test"] }).success, true);
    assert.equal(parse({ [one]: [], [other]: ["a.test"] }).success, true);
    const both = parse({ [one]: ["a.test"], [other]: ["b.test"] });
    assert.deepEqual(
      both.error?.issues.map(({ path, message }) => [path, message]),
      [[[other], `excludes ${one}, give one of them`]],
    );
  }
});

for (
  const [name, isValid] of [
    ["", false],
    ["a", true],
    ["a b", true],
    [" a", false],
    ["a ", false],
    ["a:b", false],
    ["é", false],
    ["!~", true],
    ["a".repeat(255), true],
    ["a".repeat(256), false],
  ] as const
) {
  Deno.test(`a tunnel ${isValid ? "may" : "may not"} be called "${name}"`, () => {
    const { success } = createTunnelRequest.safeParse({
      tunnel_identifier: name,
    });

    assert.equal(success, isValid);
  });
}

Deno.test("metadata has 64 entries at most", () => {
  assert.equal(MAX_EXTRA_ENTRIES, 64);
});
