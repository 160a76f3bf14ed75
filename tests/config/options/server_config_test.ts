import assert from "node:assert/strict";

import { validateOptions } from "../../../src/config/load.ts";
import { SERVER_FIELDS } from "../../../src/config/options/server_config.ts";
import { testDeclaration } from "../declaration_rules.ts";

testDeclaration("server", { ...SERVER_FIELDS });

Deno.test("the server starts without any option, on loopback only", () => {
  const config = validateOptions(SERVER_FIELDS, new Map());

  const { address, tunnelAddress, proxyAddress } = config;
  assert.deepEqual([address, tunnelAddress, proxyAddress], [
    { hostname: "127.0.0.1", port: 8443 },
    undefined,
    { hostname: "127.0.0.1", port: 8080 },
  ]);
});

Deno.test.each([
  ["lab.example", true],
  ["192.0.2.1", true],
  ["2001:db8::1", true],
  ["https://lab.example", false],
  ["lab.example:8443", false],
  ["lab example", false],
])("--external-host is a host and nothing more: %s", (words, isFine) => {
  const { success } = SERVER_FIELDS.externalHost.schema.safeParse(words);

  assert.equal(success, isFine);
});

Deno.test.each([
  ["lab.example", "lab.example:443"],
  ["lab.example:8444", "lab.example:8444"],
  ["[2001:db8::1]:8444", "[2001:db8::1]:8444"],
  ["https://lab.example", undefined],
  [":8444", undefined],
  ["lab.example:0", undefined],
])("--external-tunnel-address %s", (words, expected) => {
  const { schema } = SERVER_FIELDS.externalTunnelAddress;
  const { data } = schema.safeParse(words);

  assert.equal(data && schema.encode(data), expected);
});

Deno.test.each([
  ["https://lab.example", "https://lab.example:443"],
  ["https://lab.example:8443/", "https://lab.example:8443"],
  ["http://lab.example:3128", "http://lab.example:3128"],
  ["lab.example:3128", "http://lab.example:3128"],
  ["lab.example", undefined],
  ["https://lab.example/page", undefined],
  ["socks5://lab.example:1080", undefined],
  ["https://", undefined],
])("--external-proxy-address %s", (words, expected) => {
  const { schema } = SERVER_FIELDS.externalProxyAddress;
  const { data } = schema.safeParse(words);

  assert.equal(data && schema.encode(data), expected);
});
