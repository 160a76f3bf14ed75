/** @module */
import assert from "node:assert/strict";
import {
  createTunnelBody,
  interceptedDomains,
} from "../../src/client/tunnel_request.ts";

const REQUEST = {
  server: "https://a.test",
  tunnelName: "build-7",
  shared: undefined,
  pool: false,
  denyDomains: [],
  directDomains: [],
  tunnelDomains: [],
  dedicatedPort: false,
  tlsResignDomains: [],
  tlsPassthroughDomains: [],
  metadata: { team: "blue" },
  hostname: "ci-1",
  platform: "linux x86_64",
  version: "1.2.3",
};

Deno.test("createTunnelBody() describes the tunnel and the client", () => {
  assert.deepEqual(createTunnelBody(REQUEST), {
    tunnel_identifier: "build-7",
    protocol: "h2c",
    tunnel_pool: false,
    metadata: {
      command: "run",
      extra: { team: "blue" },
      hostname: "ci-1",
      platform: "linux x86_64",
      release: "1.2.3",
    },
  });
});

Deno.test("createTunnelBody() has a shared tunnel and a pool only when they are set", () => {
  const request = createTunnelBody({ ...REQUEST, shared: "all", pool: true });

  assert.equal(request.shared, "all");
  assert.equal(request.tunnel_pool, true);
  assert.ok(!("shared" in createTunnelBody(REQUEST)));
});

Deno.test("createTunnelBody() has a port of its own only when it is set", () => {
  const request = createTunnelBody({ ...REQUEST, dedicatedPort: true });

  assert.equal(request.dedicated_port, true);
  assert.ok(!("dedicated_port" in createTunnelBody(REQUEST)));
});

Deno.test("createTunnelBody() has the hosts whose TLS is opened only when they are set", () => {
  const resign = createTunnelBody({ ...REQUEST, tlsResignDomains: ["all"] });
  const pass = createTunnelBody({
    ...REQUEST,
    tlsPassthroughDomains: ["a", "-b"],
  });

  assert.deepEqual(resign.tls_resign_domains, ["all"]);
  assert.ok(!("tls_passthrough_domains" in resign));
  assert.deepEqual(pass.tls_passthrough_domains, ["a", "-b"]);
  assert.ok(!("tls_resign_domains" in pass));
});

const CREDENTIALS = [
  { hostname: "a.test", port: 443, username: "jane", password: "" },
  { hostname: "a.test", port: "*", username: "jane", password: "" },
  { hostname: "*", port: "*", username: "jane", password: "" },
] as const;

Deno.test("interceptedDomains() opens hosts with credentials, and them alone", () => {
  assert.deepEqual(interceptedDomains({ credentials: CREDENTIALS }), {
    tlsResignDomains: ["^a\\.test$"],
    tlsPassthroughDomains: [],
  });
  assert.deepEqual(
    interceptedDomains({ credentials: CREDENTIALS, tlsResignDomains: ["b"] }),
    { tlsResignDomains: ["b", "^a\\.test$"], tlsPassthroughDomains: [] },
  );
});

Deno.test("interceptedDomains() takes hosts with credentials out of what passes (row 25)", () => {
  assert.deepEqual(
    interceptedDomains({
      credentials: CREDENTIALS,
      tlsPassthroughDomains: ["all"],
    }),
    { tlsResignDomains: [], tlsPassthroughDomains: ["all", "-^a\\.test$"] },
  );
});
