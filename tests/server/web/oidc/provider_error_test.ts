/** Why a sign-in failed, in words for the person, and who can mend it. */
import assert from "node:assert/strict";
import { DialError } from "../../../../src/net/dial_error.ts";
import {
  ProviderError,
  providerError,
} from "../../../../src/server/web/oidc/provider_error.ts";

/** An error of openid-client. */
function failure(facts: object): Error {
  return Object.assign(new Error("failed"), facts);
}

function challenge(...parameters: object[]): Error {
  return failure({
    code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
    cause: parameters.map((each) => ({ scheme: "bearer", parameters: each })),
  });
}

/** Failure → who can mend it, and the words after the provider's name. */
const ROWS: readonly (readonly [unknown, string, string])[] = [
  [
    failure({ error: "access_denied" }),
    "refused",
    "it did not let you in, ask its administrators for access",
  ],
  [
    failure({ error: "login_required" }),
    "refused",
    "you are not signed in there, try again",
  ],
  [
    failure({ error: "interaction_required" }),
    "refused",
    "it wants to ask you something, try again",
  ],
  [
    failure({ error: "consent_required" }),
    "refused",
    "you did not agree to sign in here, try again",
  ],
  [
    failure({ error: "account_selection_required" }),
    "refused",
    "it wants you to choose, try again",
  ],
  [
    failure({ error: "temporarily_unavailable" }),
    "unreachable",
    "it is busy, try again in a minute",
  ],
  [
    failure({ error: "server_error" }),
    "unreachable",
    "it has an error of its own, try again later",
  ],
  [
    failure({ error: "invalid_grant" }),
    "ended",
    "it knows this sign-in no more, sign in again",
  ],
  [
    failure({ error: "invalid_client" }),
    "misconfigured",
    "it does not accept this server, the operator must check " +
    "--oidc-client-id and --oidc-client-secret-file",
  ],
  [
    failure({ error: "unauthorized_client" }),
    "misconfigured",
    "it does not let this server do so, the operator must allow the " +
    "authorization code flow there",
  ],
  [
    failure({ error: "invalid_scope" }),
    "misconfigured",
    "it does not know what this server asks for, the operator must check " +
    "--oidc-scopes",
  ],
  [
    failure({ error: "invalid_request" }),
    "misconfigured",
    "it does not understand this server, the operator must check the " +
    "redirect address there",
  ],
  [failure({ error: "own_code.7-x" }), "refused", 'it says "own_code.7-x"'],
  [failure({ error: "<b>\n own" }), "refused", 'it says "bown"'],
  [
    failure({ error: "x".repeat(65) }),
    "refused",
    `it says "${"x".repeat(64)}"`,
  ],
  [
    challenge({ error: "invalid_grant" }, { error: "other" }),
    "ended",
    "it knows this sign-in no more, sign in again",
  ],
  [
    challenge({}),
    "misconfigured",
    "it does not accept this server, the operator must check " +
    "--oidc-client-id and --oidc-client-secret-file",
  ],
  [
    challenge(),
    "misconfigured",
    "it does not accept this server, the operator must check " +
    "--oidc-client-id and --oidc-client-secret-file",
  ],
  [
    failure({ code: "OAUTH_TIMEOUT" }),
    "unreachable",
    "it took too long, try again",
  ],
  [
    failure({ code: "OAUTH_ABORT" }),
    "unreachable",
    "it took too long, try again",
  ],
  [
    failure({ code: "OAUTH_JWT_CLAIM_COMPARISON_FAILED" }),
    "invalid",
    "its token is for somebody else",
  ],
  [
    failure({ code: "OAUTH_JWT_TIMESTAMP_CHECK_FAILED" }),
    "invalid",
    "its token has expired, the operator must compare the clocks",
  ],
  [
    failure({ code: "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED" }),
    "invalid",
    "it calls itself by another address, the operator must check --oidc-issuer",
  ],
  [
    failure({ code: "OAUTH_RESPONSE_IS_NOT_CONFORM" }),
    "invalid",
    "its response has an unexpected status",
  ],
  [
    failure({ code: "OAUTH_RESPONSE_IS_NOT_JSON" }),
    "invalid",
    "its response is not JSON",
  ],
  [
    failure({ code: "OAUTH_PARSE_ERROR" }),
    "invalid",
    "its response cannot be read",
  ],
  [
    failure({ code: "OAUTH_KEY_SELECTION_FAILED" }),
    "invalid",
    "it signed with a key that it does not publish",
  ],
  [
    failure({ code: "OAUTH_OTHER" }),
    "invalid",
    "its response is not valid",
  ],
  [failure({}), "unreachable", "it cannot be reached: failed"],
  ["reset", "unreachable", "it cannot be reached: reset"],
  [undefined, "unreachable", "it cannot be reached: undefined"],
];

for (const [cause, fault, why] of ROWS) {
  Deno.test(`${fault}: ${why.slice(0, 60)} (${describe(cause)})`, () => {
    const error = providerError(cause, "id.test");
    assert.ok(error instanceof ProviderError);
    assert.equal(error.name, "ProviderError");
    assert.equal(error.fault, fault);
    assert.equal(error.message, `Cannot sign in at id.test: ${why}`);
    assert.equal(error.cause, cause);
  });
}

function describe(cause: unknown): string {
  const { error, code } = Object(cause);
  return String(error ?? code ?? cause).slice(0, 40);
}

Deno.test("an error that has its words keeps them", () => {
  const error = new ProviderError("busy", "Too many wait");
  assert.equal(providerError(error, "id.test"), error);
});

Deno.test("a provider that cannot be dialled is named with the reason, however deep", () => {
  const dial = new DialError("refused", "Cannot connect", {
    why: "refused it",
  });
  let cause: Error = dial;
  for (let depth = 0; depth < 9; depth++) cause = new Error("outer", { cause });
  const error = providerError(cause, "id.test");
  assert.equal(error.fault, "unreachable");
  assert.equal(
    error.message,
    "Cannot sign in at id.test: it cannot be reached: refused it",
  );
});

Deno.test("causes that go round in a circle end", () => {
  const error = new Error("round");
  error.cause = error;
  assert.equal(
    providerError(error, "id.test").message,
    "Cannot sign in at id.test: it cannot be reached: round",
  );
});
