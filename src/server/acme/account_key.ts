/** The key of an ACME account, and what it signs (RFC 8555 §6.2). */
import type { CryptoKey, FlattenedJWS, JWK, JWTHeaderParameters } from "jose";

const ALGORITHM = "ES256";

/** What stands in the header of a signed request. */
export type SignedHeader = Readonly<Record<string, unknown>>;

/** A key at the CA that the account is bound to (RFC 8555 §7.3.4). */
export interface ExternalAccount {
  /** The key id, as the CA gives it. */
  readonly kid: string;
  /** The MAC key in base64url, as CAs give it. */
  readonly hmacKey: string;
}

/** An account's key: ECDSA P-256. */
export class AccountKey {
  /** PKCS #8 in PEM. */
  readonly pem: string;
  /** The public key. */
  readonly jwk: JWK;
  /** What proves to the CA that a challenge is of this account. */
  readonly thumbprint: string;
  readonly #key: CryptoKey;

  private constructor(
    { pem, key, jwk, thumbprint }:
      & Pick<AccountKey, "pem" | "jwk" | "thumbprint">
      & { readonly key: CryptoKey },
  ) {
    this.pem = pem;
    this.jwk = jwk;
    this.thumbprint = thumbprint;
    this.#key = key;
  }

  /** Takes a key, or makes one. @throws {Error} When it cannot be read. */
  static async load(pem: string | undefined): Promise<AccountKey> {
    const jose = await import("jose");
    const extractable = true;
    const key = pem === undefined
      ? (await jose.generateKeyPair(ALGORITHM, { extractable })).privateKey
      : await jose.importPKCS8(pem, ALGORITHM, { extractable });
    const { kty, crv, x, y } = await jose.exportJWK(key);
    const jwk = { kty, crv, x, y } as JWK;
    return new AccountKey({
      key,
      jwk,
      pem: pem ?? await jose.exportPKCS8(key),
      thumbprint: await jose.calculateJwkThumbprint(jwk),
    });
  }

  /** Signs a request; an empty text asks for what is at the URL. */
  async sign(payload: string, header: SignedHeader): Promise<FlattenedJWS> {
    const { FlattenedSign } = await import("jose");
    return await new FlattenedSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ ...header, alg: ALGORITHM } as JWTHeaderParameters)
      .sign(this.#key);
  }

  /** Binds this key to an account of another kind at the CA. */
  async bind(
    { kid, hmacKey }: ExternalAccount,
    url: string,
  ): Promise<FlattenedJWS> {
    const { FlattenedSign, base64url } = await import("jose");
    return await new FlattenedSign(
      new TextEncoder().encode(JSON.stringify(this.jwk)),
    )
      .setProtectedHeader({ alg: "HS256", kid, url } as JWTHeaderParameters)
      .sign(base64url.decode(hmacKey));
  }
}
