/** The addresses of the server as others see them. */
import assert from "node:assert/strict";
import { EXTERNAL_FIELDS } from "../../../src/config/options/external_config.ts";

const { externalTunnelAddress: tunnel, externalProxyAddress: proxy } =
  EXTERNAL_FIELDS;
const { externalUrl: url, externalHost: name } = EXTERNAL_FIELDS;

function problemOf(
  field: (typeof EXTERNAL_FIELDS)[keyof typeof EXTERNAL_FIELDS],
  text: string,
): string | undefined {
  return field.schema.safeParse(text).error?.issues[0]?.message;
}

Deno.test("nothing is said of the outside by default", () => {
  for (const { schema } of Object.values(EXTERNAL_FIELDS)) {
    assert.equal(schema.parse(undefined), undefined);
  }
});

/** Text → address, and how it is said again. */
const TUNNELS = [
  ["lab.test", { hostname: "lab.test", port: 443 }, "lab.test:443"],
  ["lab.test:8443", { hostname: "lab.test", port: 8443 }, "lab.test:8443"],
  ["[2001:db8::1]:1", { hostname: "2001:db8::1", port: 1 }, "[2001:db8::1]:1"],
] as const;

for (const [text, value, again] of TUNNELS) {
  Deno.test(`--external-tunnel-address takes ${text}`, () => {
    assert.deepEqual(tunnel.schema.parse(text), value);
    assert.equal(tunnel.schema.encode(value), again);
  });
}

for (const text of [":443", "lab.test:0", "lab test:1", "https://lab.test"]) {
  Deno.test(`--external-tunnel-address refuses ${text}`, () => {
    assert.equal(problemOf(tunnel, text), "expected host or host:port");
  });
}

/** Text → address, and how it is said again. */
const PROXIES = [
  [
    "https://lab.test",
    { secure: true, hostname: "lab.test", port: 443 },
    "https://lab.test:443",
  ],
  [
    "http://lab.test:3128/",
    { secure: false, hostname: "lab.test", port: 3128 },
    "http://lab.test:3128",
  ],
] as const;

for (const [text, value, again] of PROXIES) {
  Deno.test(`--external-proxy-address takes ${text}`, () => {
    assert.deepEqual(proxy.schema.parse(text), value);
    assert.equal(proxy.schema.encode(value), again);
  });
}

for (const text of ["http://lab.test", "https://:443", "https://a.test:0"]) {
  Deno.test(`--external-proxy-address refuses ${text}`, () => {
    assert.equal(
      problemOf(proxy, text),
      "expected https://host[:port] or http://host:port",
    );
  });
}

Deno.test("--external-url is an origin of HTTPS", () => {
  for (const text of ["https://lab.test", "https://lab.test/", "lab.test"]) {
    assert.equal(url.schema.parse(text), "https://lab.test");
  }
  assert.equal(url.schema.parse("lab.test:8443"), "https://lab.test:8443");
  for (const text of ["http://lab.test", "https://lab.test/a", "a b", ""]) {
    assert.equal(
      problemOf(url, text),
      "expected https://host:port, without a path",
    );
  }
});

Deno.test("--external-host is a name or an address, without a port", () => {
  for (const text of ["lab.test", "192.0.2.1", "2001:db8::1"]) {
    assert.equal(name.schema.parse(text), text);
  }
  for (const text of ["lab.test:443", "https://lab.test", "", "a b"]) {
    assert.match(problemOf(name, text) ?? "", /^expected /, text);
  }
});
