/**
 * Finds out why a certificate was not trusted.
 *
 * Deno's TLS does not show the certificate that it refuses. So a second
 * connection, on which nothing is sent, is opened only to look at it.
 */
import { X509Certificate } from "node:crypto";
import { timer } from "../../async/timer.ts";
import { formatAddress } from "../address/address.ts";
import { DialError } from "../dial_error.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import {
  type CertificateFault,
  certificateFault,
} from "./certificate_fault.ts";
import {
  type CertificateOwner,
  certificateWords,
} from "./certificate_words.ts";
import { peerCertificates } from "./start_tls_over.ts";
import { type TrustedStores, trustedStores } from "./system_trust.ts";

/** How long it may take, in milliseconds: a request waits for its error page. */
const LOOK_TIMEOUT = 5_000;
/** How many may be looked at once. A browser opens six connections; more say less. */
const MAX_LOOKS = 16;

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is known of the connection. */
export interface ExplainOptions {
  readonly hostname: string;
  readonly port: number;
  readonly owner: CertificateOwner;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Where they come from, for messages. */
  readonly caFiles?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** Opens another connection to the same place, for TLS. */
  readonly open: (signal: AbortSignal) => Promise<ByteStream>;
}

let looks = 0;

/** The same error with the reason and the remedy, if it is about a certificate. */
export async function explainCertificate(
  error: unknown,
  options: ExplainOptions,
): Promise<unknown> {
  if (!(error instanceof DialError) || error.code !== "certificate") {
    return error;
  }
  const { hostname, port, owner, caCerts = [] } = options;
  const { caFiles = caCerts.map(() => "the given CA certificates") } = options;
  const stores = trustedStores();
  const fault = await lookAt(options, stores) ?? { kind: "unseen" };
  const { system, hasBuiltIn } = stores;
  const why = certificateWords(fault, {
    ...{ owner, hostname, hasBuiltIn },
    caFiles: [...caFiles, ...system === undefined ? [] : [system]],
    detail: error.why,
  });
  return new DialError(
    "certificate",
    `Cannot trust the certificate of "${
      formatAddress({ hostname, port })
    }": ${why}`,
    { why, cause: error.cause },
  );
}

async function lookAt(
  { hostname, port, caCerts = [], signal, open }: ExplainOptions,
  stores: Pick<TrustedStores, "certificates">,
): Promise<CertificateFault | undefined> {
  if (looks >= MAX_LOOKS) return undefined;
  looks++;
  const late = new AbortController();
  using _limit = timer(LOOK_TIMEOUT, () => late.abort());
  try {
    const both = AbortSignal.any([signal, late.signal]);
    const [own, ...others] = await peerCertificates(await open(both), {
      ...{ hostname, port, signal: both, timeout: LOOK_TIMEOUT },
    });
    if (own === undefined) return undefined;
    return certificateFault([own, ...others], {
      hostname,
      trusted: [...caCerts.map(certificatesOf), stores.certificates],
      now: new Date(),
    });
  } catch {
    // The peer does not show it twice; the first failure stands.
    return undefined;
  } finally {
    looks--;
  }
}

function certificatesOf(pem: string): readonly X509Certificate[] {
  return (pem.match(CERTIFICATE) ?? []).map((each) =>
    new X509Certificate(each)
  );
}
