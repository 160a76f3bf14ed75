import assert from "node:assert/strict";

import { redacted } from "../../src/config/redact.ts";

const SHOWN = [
  [{ secret: "all" }, "s3cr3t", "xxxxx"],
  [{ secret: "password" }, ["jane:s3cr3t", "s3cr3t"], "jane:xxxxx,xxxxx"],
  [{ secret: "password" }, [":s3cr3t", "j:s3:cr3t"], ":xxxxx,j:xxxxx"],
  [
    {},
    "http://jane:s3cr3t@proxy.example:80",
    "http://jane:xxxxx@proxy.example:80",
  ],
  [{ secret: "userinfo" }, "jane:s3@r3t@a.test:80", "jane:xxxxx@a.test:80"],
  [
    { secret: "userinfo" },
    "socks5://jane:s3cr3t@a.test",
    "socks5://jane:xxxxx@a.test",
  ],
  [{ secret: "userinfo" }, "http://a.test:80", "http://a.test:80"],
  [{}, ["data:base64,s3cr3t", "/a.pem"], "data:xxxxx,/a.pem"],
  [{}, undefined, ""],
  [
    {},
    ["runner=jenkins", "token=s3cr3t", "api-key=s3=cr3t", "Password=s3\ncr3t"],
    "runner=jenkins,token=xxxxx,api-key=xxxxx,Password=xxxxx",
  ],
  [{}, "token=", "token="],
  [
    {},
    "https://a.test/pac?run=7&access_key=s3cr3t#token=s3cr3t",
    "https://a.test/pac?run=7&access_key=xxxxx#token=xxxxx",
  ],
] as const;

for (const [field, raw, expected] of SHOWN) {
  Deno.test(`shown() shows ${JSON.stringify(raw)} as "${expected}"`, () => {
    assert.equal(redacted(field, raw), expected);
  });
}
