/** One order with the account of the data directory. */
import type { KeyedCertificate } from "../tls/certificate_authority.ts";
import { AccountKey } from "./account_key.ts";
import { AcmeClient } from "./acme_client.ts";
import { AcmeError } from "./acme_error.ts";
import { AcmeHttp } from "./acme_http.ts";
import type { AcmeStore } from "./acme_store.ts";
import { acmeWords } from "./acme_words.ts";
import type { ChallengePublisher } from "./challenge_kind.ts";
import type { AcmeOptions } from "./options.ts";
import { orderCertificate } from "./order_certificate.ts";

/** What an order needs. */
export interface AcmeOrderOptions {
  readonly acme: AcmeOptions;
  readonly store: Pick<AcmeStore, "account" | "saveAccount">;
  readonly publisher: ChallengePublisher;
  readonly signal: AbortSignal;
}

/**
 * Gets a certificate. The account is made when it is missing, also when the CA
 * has forgotten it.
 *
 * @throws {AcmeError} With a sentence that says what to do.
 */
export async function orderByAcme(
  options: AcmeOrderOptions,
): Promise<KeyedCertificate> {
  const { acme, publisher } = options;
  try {
    try {
      return await order(options);
    } catch (error) {
      const isForgotten = error instanceof AcmeError &&
        error.kind === "accountDoesNotExist";
      if (!isForgotten) throw error;
      return await order(options, { isForgotten });
    }
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    const { domains, directory } = acme;
    const words = acmeWords(error, {
      domains,
      directory,
      kind: publisher.kind,
    });
    throw new AcmeError(words, error);
  }
}

async function order(
  { acme, store, publisher, signal }: AcmeOrderOptions,
  { isForgotten = false } = {},
): Promise<KeyedCertificate> {
  const { domains, directory, caCerts = [], email, external, poll } = acme;
  const stored = await store.account();
  const key = await AccountKey.load(stored?.keyPem);
  // A key that is lost after its account was made would leave that one behind.
  if (stored === undefined) await store.saveAccount({ keyPem: key.pem });
  using http = new AcmeHttp({ caCerts, signal });
  const known = isForgotten ? undefined : stored?.url;
  const client = await AcmeClient.open(http, {
    ...{ directory, key },
    account: known,
  });
  const { agreesToTerms } = acme;
  const url = await client.signUp({ email, agreesToTerms, external });
  if (url !== known) await store.saveAccount({ keyPem: key.pem, url });
  return await orderCertificate(client, {
    ...poll,
    ...{ domains, publisher, signal },
  });
}
