import assert from "node:assert/strict";
import {
  formatBasicCredentials,
  parseBasicCredentials,
} from "../../src/http/basic_credentials.ts";

Deno.test("parseBasicCredentials() reads what RFC 7617 shows", () => {
  assert.deepEqual(
    parseBasicCredentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    { username: "Aladdin", password: "open sesame" },
  );
  // §2.1: "test" and "123£" in UTF-8.
  assert.deepEqual(
    parseBasicCredentials("basic  dGVzdDoxMjPCow=="),
    { username: "test", password: "123£" },
  );
});

for (
  const credentials of [
    { username: "ann", password: "" },
    { username: "", password: "key" },
    { username: "ann+my shop", password: "a:b:c" },
    { username: "ann", password: "schlüssel €" },
  ]
) {
  const text = `${credentials.username}:${credentials.password}`;
  Deno.test(`formatBasicCredentials() and back keeps "${text}"`, () => {
    assert.deepEqual(
      parseBasicCredentials(formatBasicCredentials(credentials)),
      credentials,
    );
  });
}

for (
  const [field, why] of [
    [undefined, "no field"],
    ["", "an empty field"],
    ["Basic", "no credentials"],
    ["Bearer QTpC", "another scheme"],
    ["Basic QTpC QTpC", "two credentials"],
    ["Basic Q", "an impossible length"],
    ["Basic Q?==", "a character that is not base64"],
    ["Basic YW5u", "no colon"],
    [`Basic ${btoa("a\n:b")}`, "a control character"],
    [`Basic ${btoa("a:b\x7f")}`, "a control character at the end"],
    [`Basic ${btoa("a:\xff")}`, "bytes that are not UTF-8"],
    [`Basic ${btoa(`a:${"b".repeat(4096)}`)}`, "a field too long"],
  ] as const
) {
  Deno.test(`parseBasicCredentials() refuses ${why}`, () => {
    assert.equal(parseBasicCredentials(field), undefined);
  });
}
