/** @module */
import assert from "node:assert/strict";
import { createRequest } from "../../src/client/tunnel_request.ts";

const WISH = {
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

Deno.test("createRequest() says what tunnel is wanted and who asks", () => {
  assert.deepEqual(createRequest(WISH), {
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

Deno.test("createRequest() asks for a shared tunnel and a pool only when told so", () => {
  const request = createRequest({ ...WISH, shared: "all", pool: true });

  assert.equal(request.shared, "all");
  assert.equal(request.tunnel_pool, true);
  assert.ok(!("shared" in createRequest(WISH)));
});

Deno.test("createRequest() asks for a port of its own only when told so", () => {
  const request = createRequest({ ...WISH, dedicatedPort: true });

  assert.equal(request.dedicated_port, true);
  assert.ok(!("dedicated_port" in createRequest(WISH)));
});

Deno.test("createRequest() says whose TLS is opened only when told so", () => {
  const resign = createRequest({ ...WISH, tlsResignDomains: ["all"] });
  const pass = createRequest({ ...WISH, tlsPassthroughDomains: ["a", "-b"] });

  assert.deepEqual(resign.tls_resign_domains, ["all"]);
  assert.ok(!("tls_passthrough_domains" in resign));
  assert.deepEqual(pass.tls_passthrough_domains, ["a", "-b"]);
  assert.ok(!("tls_resign_domains" in pass));
});
