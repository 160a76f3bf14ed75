/**
 * Logout tokens: with them the identity provider says that a session has ended
 * there (OpenID Connect Back-Channel Logout 1.0). Anybody may send one, so each is
 * verified, and counts once.
 */
import { createHash } from "node:crypto";
import {
  createRemoteJWKSet,
  customFetch,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { FairMap } from "../../../async/fair_map.ts";
import type { SharedTables } from "../../accounts/shared_tables.ts";
import type { IdentityProvider } from "./provider.ts";
import { CALL_TIMEOUT } from "./provider_fetch.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** Oldest token, in seconds: the provider sends it at once. */
const MAX_AGE = 300;
/** Seconds by which clocks may differ. */
const TOLERANCE = 60;
/** Remembered tokens. One that is forgotten could be sent again for at most {@linkcode MAX_AGE}. */
const MAX_SEEN = 10_000;
/** The owner of the table's entries. */
const TAKER = { organization: "", user: "" } as const;
/** How tokens may be signed: never with a secret, never not at all. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** A session that has ended at the provider, or with `sid` `undefined` all of the user. */
export interface EndedSession {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly sid: string | undefined;
  /** When the provider said so, in milliseconds since 1970. Later sessions go on. */
  readonly at: number;
}

/** A token that counts for nothing. The message says why, for the provider's operator. */
export class LogoutTokenError extends Error {
  override readonly name = "LogoutTokenError";
}

/** Verifies the tokens of one provider. */
export class LogoutTokens {
  readonly #provider: IdentityProvider;
  /** Hashes of the ids of tokens that counted. */
  readonly #seen: FairMap<true>;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  #keysAt = "";

  constructor(provider: IdentityProvider, shares: SharedTables) {
    this.#provider = provider;
    this.#seen = shares.table("logout_tokens", { maxEntries: MAX_SEEN });
  }

  /** What a token says. @throws {LogoutTokenError} */
  async verify(token: string): Promise<EndedSession> {
    const { metadata, options } = this.#provider;
    if (metadata?.jwks_uri === undefined) {
      throw new LogoutTokenError("the keys of the provider are not known yet");
    }
    const { issuer } = metadata;
    let claims: JWTPayload;
    try {
      const verified = await jwtVerify(token, this.#keysOf(metadata.jwks_uri), {
        issuer,
        audience: options.clientId,
        algorithms: ALGORITHMS,
        maxTokenAge: MAX_AGE,
        clockTolerance: TOLERANCE,
        requiredClaims: ["jti", "iat"],
      });
      checkType(verified.protectedHeader.typ);
      claims = verified.payload;
    } catch (cause) {
      if (cause instanceof LogoutTokenError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new LogoutTokenError(`it cannot be verified: ${why}`, { cause });
    }
    const ended = readClaims(claims, issuer);
    this.#noteUse(String(claims.jti));
    return ended;
  }

  #noteUse(id: string): void {
    const hash = createHash("sha256").update(id).digest("hex");
    if (this.#seen.get(hash) !== undefined) {
      throw new LogoutTokenError("it was used already");
    }
    this.#seen.set(hash, true, TAKER);
  }

  /** The keys at an address. They are read again for an unknown key, at most twice a minute. */
  #keysOf(address: string): ReturnType<typeof createRemoteJWKSet> {
    if (this.#keys === undefined || this.#keysAt !== address) {
      this.#keysAt = address;
      this.#keys = createRemoteJWKSet(new URL(address), {
        timeoutDuration: CALL_TIMEOUT,
        [customFetch]: (url, { method, headers, signal }) =>
          this.#provider.fetch(url, { method, headers, signal }),
      });
    }
    return this.#keys;
  }
}

/** Other tokens of the provider, signed by the same key, are no logout tokens. */
function checkType(type: string | undefined): void {
  const isOther = type !== undefined &&
    !/^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(type);
  if (isOther) throw new LogoutTokenError(`its type is "${type}"`);
}

function readClaims(
  { events, nonce, sub, sid, iat = 0 }: JWTPayload,
  issuer: string,
): EndedSession {
  const event: unknown = Object(events)[EVENT];
  if (typeof event !== "object" || event === null) {
    throw new LogoutTokenError("it is about no logout");
  }
  // An ID token has one; it must not end sessions (§2.4 there).
  if (nonce !== undefined) throw new LogoutTokenError("it has a nonce");
  const session = typeof sid === "string" ? sid : undefined;
  if (sub === undefined && session === undefined) {
    throw new LogoutTokenError("it names neither a user nor a session");
  }
  const at = (iat + TOLERANCE) * 1000;
  return { issuer, subject: sub, sid: session, at };
}
