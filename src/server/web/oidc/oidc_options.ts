/** What a server knows of the identity provider at which its people sign in. */
import type { GroupRule } from "../../../config/values/group_rule.ts";

/** Options of the sign-in (OpenID Connect). */
export interface OidcOptions {
  /** Address of the provider, as its tokens spell it (`iss`). */
  readonly issuer: string;
  /** Id of this server at the provider. */
  readonly clientId: string;
  /** Reads the secret that this server has at the provider. A public client has none. */
  readonly readClientSecret?: (() => Promise<string>) | undefined;
  /** Reads the CA certificates in PEM to trust besides the system's. Default none. */
  readonly readCaCerts?: (() => Promise<readonly string[]>) | undefined;
  /** What to ask for, besides `openid`. */
  readonly scopes: readonly string[];
  /** Claim with the name of the user. */
  readonly userClaim: string;
  /** Claim with the groups of the user. */
  readonly groupsClaim: string;
  /** Which groups get in, and as what. The first that fits counts. */
  readonly groups: readonly GroupRule[];
}
