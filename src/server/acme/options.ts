import type { Address } from "../../net/address/address.ts";
import type { ExternalAccount } from "./account_key.ts";
import type { PollOptions } from "./order_certificate.ts";

/** A certificate that an ACME server issues (RFC 8555). */
export interface AcmeOptions {
  /** Names of the server, in lower case. */
  readonly domains: readonly string[];
  /** URL of the ACME server's directory. */
  readonly directory: string;
  /** Certificates in PEM that are trusted for it besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Whether the user has agreed to the CA's terms. */
  readonly agreesToTerms: boolean;
  /** Where the CA may write to. */
  readonly email?: string | undefined;
  /** An account that the CA knows already (external account binding). */
  readonly external?: ExternalAccount | undefined;
  /** Where HTTP-01 is served, without TLS. Default: TLS-ALPN-01 on the ports with TLS. */
  readonly httpAddress?: Address | undefined;
  /** How the CA is asked about progress. */
  readonly poll?: PollOptions;
}
