/** The way to one certificate: order, proofs, request, download (RFC 8555 §7.4). */
import { sleep } from "../../async/timer.ts";
import type { KeyedCertificate } from "../tls/certificate_authority.ts";
import { makeCertificateRequest, matches } from "./certificate_request.ts";
import type { AcmeClient, Challenge, Found } from "./acme_client.ts";
import { AcmeError, kindOf, said } from "./acme_error.ts";
import type { ChallengePublisher } from "./challenge_kind.ts";

/** How the CA is asked about progress: rarely, and not for ever. Times are in milliseconds. */
export interface PollOptions {
  /** The first pause, if the CA does not say how long. Default 1 s; each next one is half as long again. */
  readonly interval?: number;
  /** How long one step may take. Default 3 min: CAs look from several places. */
  readonly limit?: number;
}

/** What is ordered, and how it is proved. */
export interface OrderOptions extends PollOptions {
  readonly domains: readonly string[];
  readonly publisher: ChallengePublisher;
  readonly signal: AbortSignal;
}

const MAX_INTERVAL = 10_000;
/** A longer pause than this belongs between orders, not into one. */
const MAX_TOLD = 60_000;

/**
 * Orders a certificate.
 *
 * @returns The chain, the server's own first, and its new key.
 * @throws {AcmeError} With the reason of the CA.
 */
export async function orderCertificate(
  client: AcmeClient,
  options: OrderOptions,
): Promise<KeyedCertificate> {
  const { domains } = options;
  const ordered = await client.order(domains);
  for (const authorization of ordered.value.authorizations) {
    await prove(client, authorization, options);
  }
  const ready = await until(
    () => client.orderAt(ordered.url),
    ({ status }) => status !== "pending" && status !== "processing",
    { ...options, what: "the order is still pending" },
  );
  refuseInvalid(ready.value);
  const request = await makeCertificateRequest(domains);
  if (ready.value.status === "ready") {
    await client.finalize(ready.value, request.csr);
  }
  const done = await until(
    () => client.orderAt(ordered.url),
    ({ status }) => status === "valid" || status === "invalid",
    { ...options, what: "the certificate is not made yet" },
  );
  refuseInvalid(done.value);
  const { certificate } = done.value;
  if (certificate === undefined) {
    throw new AcmeError("the CA does not say where the certificate is");
  }
  const certPem = await client.certificateAt(certificate);
  if (!await matches(certPem, request, domains)) {
    throw new AcmeError("the CA sends a certificate that was not asked for");
  }
  return { certPem, keyPem: request.keyPem };
}

function refuseInvalid(
  { status, error }: {
    readonly status: string;
    readonly error?:
      | {
        readonly type?: string | undefined;
        readonly detail?: string | undefined;
      }
      | undefined;
  },
): void {
  if (status !== "invalid") return;
  throw new AcmeError(said(error?.detail), { kind: kindOf(error?.type) });
}

/** Proves that one name leads here. */
async function prove(
  client: AcmeClient,
  at: string,
  { publisher, ...options }: OrderOptions,
): Promise<void> {
  const { value: { status, identifier, challenges } } = await client
    .authorizationAt(at);
  if (status === "valid") return;
  const domain = identifier.value;
  const { kind } = publisher;
  const challenge = challenges.find(({ type }) => type === kind);
  if (challenge?.url === undefined || challenge.token === undefined) {
    const offered = challenges.map(({ type }) => type).join(", ");
    throw new AcmeError(
      `it offers ${said(offered)} for this name, not ${kind}`,
      { kind: "notOffered", domain },
    );
  }
  const proof = `${challenge.token}.${client.thumbprint}`;
  using _shown = await publisher.publish(domain, challenge.token, proof);
  await client.accept(challenge.url);
  const checked = await until(
    () => client.authorizationAt(at),
    (each) => each.status !== "pending" && each.status !== "processing",
    { ...options, what: "it has not looked at the challenge", domain },
  );
  if (checked.value.status !== "valid") {
    throw failureOf(checked.value.challenges, { kind, domain });
  }
}

function failureOf(
  challenges: readonly Challenge[],
  { kind, domain }: { readonly kind: string; readonly domain: string },
): AcmeError {
  const error = challenges.find(({ type }) => type === kind)?.error;
  return new AcmeError(said(error?.detail), {
    kind: kindOf(error?.type),
    domain,
  });
}

/** Asks until it is so, as the CA says or with pauses that grow. */
async function until<T>(
  look: () => Promise<Found<T>>,
  isSo: (value: T) => boolean,
  { interval = 1_000, limit = 180_000, signal, what, domain }: PollOptions & {
    readonly signal: AbortSignal;
    readonly what: string;
    readonly domain?: string;
  },
): Promise<Found<T>> {
  const end = performance.now() + limit;
  let pause = interval;
  while (true) {
    const found = await look();
    if (isSo(found.value)) return found;
    const wait = Math.min(found.retryAfter ?? pause, MAX_TOLD);
    if (performance.now() + wait > end) {
      throw new AcmeError(`${what} after ${limit / 1000} seconds`, { domain });
    }
    await sleep(wait, signal);
    pause = Math.min(pause * 1.5, MAX_INTERVAL);
  }
}
