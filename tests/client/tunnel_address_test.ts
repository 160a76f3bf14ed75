import assert from "node:assert/strict";
import { tunnelAddressOf } from "../../src/client/tunnel_address.ts";

const SAID = { "tunnel_host": "inner.example", "tunnel_port": 8444 };

Deno.test.each<[string, boolean | undefined, string]>([
  ["https://lab.example", true, "lab.example 443"],
  ["https://lab.example:8443", true, "lab.example 8443"],
  ["https://[2001:db8::1]:8443", true, "2001:db8::1 8443"],
  ["https://lab.example", false, "inner.example 8444"],
  // A server of version 0.1.0 does not say it.
  ["https://lab.example", undefined, "inner.example 8444"],
])(
  "tunnelAddressOf() %s, at the server: %s",
  (server, isAtServer, expected) => {
    const { hostname, port } = tunnelAddressOf(
      { ...SAID, "tunnel_at_server": isAtServer },
      server,
    );

    assert.equal(`${hostname} ${port}`, expected);
  },
);
