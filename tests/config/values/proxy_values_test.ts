import assert from "node:assert/strict";
import {
  siteCredentials,
  upstreamProxy,
} from "../../../src/config/values/proxy_values.ts";

const SITE = { hostname: "a.test", port: 80, username: "jane" } as const;

for (
  const [written, password] of [
    ["100%", "100%"],
    ["100%25", "100%"],
    ["%", "%"],
    ["%zz", "%zz"],
    ["a%40b%3Ac", "a@b:c"],
  ] as const
) {
  Deno.test(`--auth and --proxy read "${written}" as the password "${password}"`, () => {
    const [site] = siteCredentials().parse([`jane:${written}@a.test:80`]);
    const proxy = upstreamProxy().parse(`http://jane:${written}@a.test:80`);

    assert.deepEqual(site, { ...SITE, password });
    assert.deepEqual(proxy.credentials, { username: "jane", password });
  });
}

Deno.test("--auth is written so that it is read again", () => {
  const codec = siteCredentials();
  const credentials = [{ ...SITE, password: "%25@:,é" }];

  const written = codec.encode(credentials);

  assert.deepEqual(codec.parse(written), credentials);
});
