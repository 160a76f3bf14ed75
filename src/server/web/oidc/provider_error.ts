// deno-lint-ignore-file camelcase -- the provider's words
/** Why a sign-in at the identity provider failed, in words for the person who waits. */
import { DialError } from "../../../net/dial_error.ts";

/** Who can mend it: the person by another try, somebody at the provider, or the operator of this server. */
export type ProviderFault =
  | "unreachable"
  | "busy"
  | "refused"
  | "ended"
  | "misconfigured"
  | "invalid";

/** A failed call to the provider, or a response of it that counts for nothing. The message is for people. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly fault: ProviderFault;

  constructor(fault: ProviderFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** Codes of RFC 6749 and OpenID Connect, with their fault and the remedy. */
const CODES: Readonly<Record<string, readonly [ProviderFault, string]>> = {
  access_denied: [
    "refused",
    "it did not let you in, ask its administrators for access",
  ],
  login_required: ["refused", "you are not signed in there, try again"],
  interaction_required: ["refused", "it wants to ask you something, try again"],
  consent_required: ["refused", "you did not agree to sign in here, try again"],
  account_selection_required: ["refused", "it wants you to choose, try again"],
  temporarily_unavailable: ["unreachable", "it is busy, try again in a minute"],
  server_error: ["unreachable", "it has an error of its own, try again later"],
  invalid_grant: ["ended", "it knows this sign-in no more, sign in again"],
  invalid_client: [
    "misconfigured",
    "it does not accept this server, the operator must check " +
    "--oidc-client-id and --oidc-client-secret-file",
  ],
  unauthorized_client: [
    "misconfigured",
    "it does not let this server do so, the operator must allow the " +
    "authorization code flow there",
  ],
  invalid_scope: [
    "misconfigured",
    "it does not know what this server asks for, the operator must check " +
    "--oidc-scopes",
  ],
  invalid_request: [
    "misconfigured",
    "it does not understand this server, the operator must check the " +
    "redirect address there",
  ],
};

/** Codes of openid-client about responses, with what is wrong. */
const RESPONSES: Readonly<Record<string, string>> = {
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: "its token is for somebody else",
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED:
    "its token has expired, the operator must compare the clocks",
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED:
    "it calls itself by another address, the operator must check --oidc-issuer",
  OAUTH_RESPONSE_IS_NOT_CONFORM: "its response has an unexpected status",
  OAUTH_RESPONSE_IS_NOT_JSON: "its response is not JSON",
  OAUTH_PARSE_ERROR: "its response cannot be read",
  OAUTH_KEY_SELECTION_FAILED: "it signed with a key that it does not publish",
};

/** An error that openid-client, or a call, has thrown. @param host The provider, as people know it. */
export function providerError(cause: unknown, host: string): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const dial = causesOf(cause).find((each) => each instanceof DialError);
  if (dial instanceof DialError) {
    return fault("unreachable", host, `it cannot be reached: ${dial.why}`);
  }
  const { code } = Object(cause);
  const error = errorIn(cause);
  const [kind, words] = CODES[String(error)] ?? [];
  if (kind !== undefined && words !== undefined) {
    return fault(kind, host, words, cause);
  }
  if (typeof error === "string") {
    return fault("refused", host, `it says "${plain(error)}"`, cause);
  }
  if (code === "OAUTH_TIMEOUT" || code === "OAUTH_ABORT") {
    return fault("unreachable", host, "it took too long, try again", cause);
  }
  const known = RESPONSES[String(code)];
  if (known !== undefined) return fault("invalid", host, known, cause);
  const isResponse = typeof code === "string";
  return isResponse
    ? fault("invalid", host, "its response is not valid", cause)
    : fault(
      "unreachable",
      host,
      `it cannot be reached: ${textOf(cause)}`,
      cause,
    );
}

/** The code that the provider gave, in the content or in `WWW-Authenticate`. */
function errorIn(cause: unknown): unknown {
  const { error, code, cause: challenges } = Object(cause);
  if (code !== "OAUTH_WWW_AUTHENTICATE_CHALLENGE") return error;
  const [challenge] = Array.isArray(challenges) ? challenges : [];
  return Object(Object(challenge).parameters).error ?? "invalid_client";
}

function fault(
  kind: ProviderFault,
  host: string,
  why: string,
  cause?: unknown,
): ProviderError {
  const message = `Cannot sign in at ${host}: ${why}`;
  return new ProviderError(kind, message, { cause });
}

/** An error with all that caused it. */
function causesOf(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  let at = error;
  while (at !== undefined && at !== null && found.length < 10) {
    found.push(at);
    at = Object(at).cause;
  }
  return found;
}

/** A code as the provider wrote it, without what does not belong in a code. */
function plain(code: string): string {
  return code.replace(/[^\w.-]/g, "").slice(0, 64);
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
