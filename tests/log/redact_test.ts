import assert from "node:assert/strict";

import { hideSecrets, redactText } from "../../src/log/redact.ts";

Deno.test("redactText() hides the password of every URL and nothing else", () => {
  const text = "http://a:b@h:1 socks5://x:p:q@h/ https://h:443/a@b user:x@h";

  assert.equal(
    redactText(text),
    "http://a:xxxxx@h:1 socks5://x:xxxxx@h/ https://h:443/a@b user:x@h",
  );
});

Deno.test("hideSecrets() leaves the given fields as they are", () => {
  const fields = { token: "t", nested: { password: "p" }, active: "1/2" };

  const hidden = hideSecrets(fields);

  assert.deepEqual(hidden, {
    token: "xxxxx",
    nested: { password: "xxxxx" },
    active: "1/2",
  });
  assert.equal(fields.nested.password, "p");
});
