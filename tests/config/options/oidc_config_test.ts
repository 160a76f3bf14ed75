import assert from "node:assert/strict";

import { ROLES } from "../../../src/api/resources/account_types.ts";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  checkOidc,
  OIDC_FIELDS,
} from "../../../src/config/options/oidc_config.ts";
import { GROUP_ROLES } from "../../../src/config/values/group_rule.ts";
import { validateOptions } from "../../../src/config/load.ts";
import type { OptionValues } from "../../../src/config/sources/option_values.ts";

const GOOD = {
  "oidc-issuer": "https://login.test/realms/lab",
  "oidc-client-id": "sallyport",
  "oidc-groups": ["testers=member/web"],
} as const;

function check(values: Readonly<Record<string, string | readonly string[]>>) {
  const set: OptionValues = new Map(
    Object.entries(values).map(([name, raw]) => [
      name,
      { raw, source: `--${name}` },
    ]),
  );
  checkOidc(validateOptions(OIDC_FIELDS, set));
}

Deno.test("a provider needs an id and groups, and these need a provider", () => {
  check(GOOD);
  check({});
  const { "oidc-issuer": issuer, ...others } = GOOD;

  assert.throws(
    () => check({ "oidc-issuer": issuer }),
    new ConfigError(
      "required",
      "Cannot use --oidc-issuer alone: the provider must know this server, " +
        "set --oidc-client-id",
    ),
  );
  assert.throws(
    () => check({ ...GOOD, "oidc-groups": [] }),
    /nobody could sign in, set --oidc-groups/,
  );
  assert.throws(
    () => check(others),
    /Cannot use --oidc-client-id alone: .* set --oidc-issuer/,
  );
});

Deno.test.each([
  ["https://login.test", true],
  ["https://login.test/realms/lab/", true],
  ["http://127.0.0.1:8080", true],
  ["http://[::1]:8080", true],
  ["http://localhost/realm", true],
  ["http://login.test", false],
  ["http://127.0.0.1.login.test", false],
  ["https://login.test?x", false],
  ["https://user:password@login.test", false],
  ["login.test", false],
  ["javascript:alert(1)", false],
])(
  "--oidc-issuer is an address with TLS, or of this machine: %s",
  (words, isFine) => {
    const { success } = OIDC_FIELDS.oidcIssuer.schema.safeParse(words);

    assert.equal(success, isFine);
  },
);

Deno.test("groups have every role of people", () => {
  assert.deepEqual([...GROUP_ROLES, "service"], [...ROLES]);
});
