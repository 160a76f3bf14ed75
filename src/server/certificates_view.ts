// What the page of certificates shows of a running server.
import type { CertificateWatch } from "../net/tls/certificate_watch.ts";
import type { AcmeRenewal } from "./acme/renewal.ts";
import type { ServerOptions } from "./options.ts";
import type {
  AcmeState,
  CertificateInUse,
  CertificatesView,
} from "./web/certificates/certificate_page.ts";

/** What is known of the renewal while it runs. */
export type RenewalState = Pick<
  AcmeRenewal,
  "next" | "failures" | "lastError"
>;

/** Where the view looks, each time that it is asked for. */
export interface CertificateSources {
  readonly certificates: Pick<CertificateWatch, "certificates">;
  /** Whether the CA that the server has made signs for its certificate now. */
  readonly hasOwnCa: () => boolean;
  /** `undefined` before the renewal has started. */
  readonly renewal: () => RenewalState | undefined;
}

/** Makes the view of a server with these options. */
export function certificatesView(
  options: ServerOptions,
  { certificates, hasOwnCa, renewal }: CertificateSources,
): () => CertificatesView {
  return () => {
    const { server = "", resign_ca: browser = "" } = certificates.certificates;
    const own: CertificateInUse = {
      title: "Server",
      source: sourceOf(options, hasOwnCa()),
      pem: server,
    };
    const resign: CertificateInUse = {
      title: "CA for decrypted hosts",
      source: options.interceptionCa === undefined
        ? "made by this server"
        : "files (--resign-ca-cert-file)",
      pem: browser,
    };
    return {
      // Where a proxy ends TLS, nobody sees a certificate of this server.
      certificates: options.plainHttp ? [resign] : [own, resign],
      acme: acmeOf(options, renewal()),
    };
  };
}

function sourceOf(
  { acme, tls }: ServerOptions,
  hasOwnCa: boolean,
): string {
  if (acme !== undefined) {
    return hasOwnCa
      ? "made by this server, until one is issued by ACME"
      : "issued by ACME";
  }
  return tls === undefined
    ? "made by this server, signed by its own CA"
    : "files (--tls-cert-file)";
}

function acmeOf(
  { acme }: ServerOptions,
  renewal: RenewalState | undefined,
): AcmeState | undefined {
  if (acme === undefined || renewal === undefined) return undefined;
  const { domains, directory } = acme;
  const { next, failures, lastError } = renewal;
  return { domains, directory, next, failures, lastError };
}
