// The server's own certificate when an ACME server issues it: what is in use,
// and what gets the next one.
import { logger } from "../log/log.ts";
import { registerAcme } from "../metrics/certificate_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import type { CertificateWatch } from "../net/tls/certificate_watch.ts";
import type { AlpnChallenges } from "../net/tls/alpn_challenges.ts";
import { orderByAcme } from "./acme/acme_order.ts";
import { AcmeStore } from "./acme/acme_store.ts";
import { certificateFacts, isFor } from "./acme/certificate_facts.ts";
import type { ChallengePublisher } from "./acme/challenge_kind.ts";
import { HttpChallenges } from "./acme/http_challenges.ts";
import type { AcmeOptions } from "./acme/options.ts";
import { AcmeRenewal } from "./acme/renewal.ts";
import { TlsChallenges } from "./acme/tls_challenges.ts";
import type { CaKeyPair } from "./interception/interception_ca.ts";
import type { ServerOptions } from "./options.ts";
import { CertificateError } from "./tls/certificates.ts";
import { checkKeyPair } from "./tls/check_key_pair.ts";

/** The certificate in the data directory; `undefined` when there is none for these names. An old one is better than none. */
export async function issuedCertificate(
  { domains, directory }: AcmeOptions,
  dataDir: string,
): Promise<CaKeyPair | undefined> {
  const stored = await new AcmeStore(dataDir, directory).certificate();
  if (stored === undefined) return undefined;
  const { certPem: cert, keyPem: key } = stored;
  try {
    checkKeyPair({ cert, key });
    return isFor(certificateFacts(cert), domains, -Infinity)
      ? { cert, key }
      : undefined;
  } catch (cause) {
    if (cause instanceof CertificateError) return undefined;
    throw cause;
  }
}

/** The parts that the renewal needs. */
export interface AcmeDependencies {
  readonly identity: { readonly challenges: AlpnChallenges };
  readonly certificates: CertificateWatch;
  readonly limits: ConnectionLimits;
  readonly metrics: Registry;
}

/**
 * Starts the renewal, as one of `parts`. Ports with TLS must be open.
 *
 * @returns What looks for new certificates now, and orders one that failed; and
 *   how the renewal goes, if there is one.
 * @throws {ListenError} When the port for HTTP-01 cannot be opened.
 */
export function startAcme(
  { acme, dataDir, loginTimeout }: ServerOptions,
  { identity, certificates, limits, metrics }: AcmeDependencies,
  parts: AsyncDisposableStack,
): {
  readonly reload: () => Promise<void>;
  readonly renewal: AcmeRenewal | undefined;
} {
  if (acme === undefined) {
    return { reload: () => certificates.reload(), renewal: undefined };
  }
  const { domains, directory, httpAddress } = acme;
  let publisher: ChallengePublisher = new TlsChallenges(identity.challenges);
  if (httpAddress !== undefined) {
    const http = new HttpChallenges();
    parts.use(http.listen(httpAddress, { limits, loginTimeout }));
    publisher = http;
  }
  const store = new AcmeStore(dataDir, directory);
  const renewal = parts.use(
    new AcmeRenewal({
      ...{ domains, store },
      order: (signal) => orderByAcme({ acme, store, publisher, signal }),
      onIssued: () => certificates.reload(),
      log: logger("server"),
    }),
  );
  registerAcme(metrics, renewal);
  return {
    renewal,
    async reload() {
      await certificates.reload();
      // It takes its time; the log says how it ends.
      void renewal.retry();
    },
  };
}
