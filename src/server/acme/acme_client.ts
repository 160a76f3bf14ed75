/** The resources of an ACME server (RFC 8555 §7). */
import { z } from "zod";
import type { AccountKey, ExternalAccount } from "./account_key.ts";
import { AcmeError } from "./acme_error.ts";
import type { AcmeHttp, AcmeReply } from "./acme_http.ts";

/** Names of one certificate; CAs take no more. */
const MAX_NAMES = 100;

const url = z.string().startsWith("https:");
const directoryShape = z.object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  meta: z.object({
    termsOfService: z.string().optional(),
    externalAccountRequired: z.boolean().optional(),
  }).optional(),
});
const problemShape = z.object({
  type: z.string().optional(),
  detail: z.string().optional(),
});
const orderShape = z.object({
  status: z.string(),
  authorizations: z.array(url).max(MAX_NAMES),
  finalize: url,
  certificate: url.optional(),
  error: problemShape.optional(),
});
const challengeShape = z.object({
  type: z.string(),
  url: url.optional(),
  status: z.string(),
  token: z.string().regex(/^[\w-]{1,200}$/).optional(),
  error: problemShape.optional(),
});
const authorizationShape = z.object({
  status: z.string(),
  identifier: z.object({ value: z.string() }),
  challenges: z.array(challengeShape).max(20),
});

/** Where an ACME server has what. */
export type Directory = z.infer<typeof directoryShape>;
/** A certificate that was asked for. */
export type Order = z.infer<typeof orderShape>;
/** How the CA finds out that a name is ours. */
export type NameCheck = z.infer<typeof authorizationShape>;
/** One way for it to find out. */
export type Challenge = z.infer<typeof challengeShape>;

/** Something at the CA, and when to look at it again. */
export interface Found<T> {
  readonly value: T;
  readonly url: string;
  /** In milliseconds, if the CA has said so. */
  readonly retryAfter: number | undefined;
}

/** Who the account is of. */
export interface AccountOptions {
  readonly email: string | undefined;
  /** Whether the user has agreed to the CA's terms. */
  readonly agreesToTerms: boolean;
  readonly external: ExternalAccount | undefined;
}

/** Speaks with one ACME server as one account. Every call throws `AcmeError`. */
export class AcmeClient {
  readonly #http: AcmeHttp;
  readonly #key: AccountKey;
  readonly #directory: Directory;
  #account: string | undefined;

  private constructor(
    http: AcmeHttp,
    { key, directory, account }: {
      readonly key: AccountKey;
      readonly directory: Directory;
      readonly account: string | undefined;
    },
  ) {
    this.#http = http;
    this.#key = key;
    this.#directory = directory;
    this.#account = account;
  }

  /** @param account Its URL, if it is known. */
  static async open(
    http: AcmeHttp,
    { directory, ...options }: {
      /** The URL of the directory. */
      readonly directory: string;
      readonly key: AccountKey;
      readonly account: string | undefined;
    },
  ): Promise<AcmeClient> {
    const { text } = await http.get(directory);
    return new AcmeClient(http, {
      ...options,
      directory: read(directoryShape, text, "directory"),
    });
  }

  /** The account's key, as challenges name it. */
  get thumbprint(): string {
    return this.#key.thumbprint;
  }

  /** Finds the account of the key, or makes one. @returns Its URL. */
  async signUp(
    { email, agreesToTerms, external }: AccountOptions,
  ): Promise<string> {
    if (this.#account !== undefined) return this.#account;
    const { newAccount, meta } = this.#directory;
    const reply = await this.#post(newAccount, {
      termsOfServiceAgreed: agreesToTerms,
      ...email !== undefined && { contact: [`mailto:${email}`] },
      ...external !== undefined && {
        externalAccountBinding: await this.#key.bind(external, newAccount),
      },
    }).catch((error) => {
      throw withTerms(error, meta?.termsOfService);
    });
    this.#account = reply.location;
    if (reply.location === undefined) {
      throw new AcmeError("the CA does not say where the account is");
    }
    return reply.location;
  }

  /** Asks for a certificate. */
  async order(domains: readonly string[]): Promise<Found<Order>> {
    const reply = await this.#post(this.#directory.newOrder, {
      identifiers: domains.map((value) => ({ type: "dns", value })),
    });
    const { location } = reply;
    if (location === undefined) {
      throw new AcmeError("the CA does not say where the order is");
    }
    return found(reply, read(orderShape, reply.text, "order"), location);
  }

  /** How far an order is. */
  async orderAt(at: string): Promise<Found<Order>> {
    const reply = await this.#post(at, undefined);
    return found(reply, read(orderShape, reply.text, "order"), at);
  }

  /** How far the check of a name is. */
  async authorizationAt(at: string): Promise<Found<NameCheck>> {
    const reply = await this.#post(at, undefined);
    const value = read(authorizationShape, reply.text, "authorization");
    return found(reply, value, at);
  }

  /** Has the CA look at a challenge. */
  async accept(challenge: string): Promise<void> {
    await this.#post(challenge, {});
  }

  /** Sends the request for the certificate, as DER in base64url. */
  async finalize(order: Order, csr: string): Promise<void> {
    await this.#post(order.finalize, { csr });
  }

  /** The certificate and its signers, in PEM. */
  async certificateAt(at: string): Promise<string> {
    return (await this.#post(at, undefined)).text;
  }

  #post(to: string, payload: unknown): Promise<AcmeReply> {
    return this.#http.post(to, payload, {
      key: this.#key,
      account: this.#account,
      newNonce: this.#directory.newNonce,
    });
  }
}

function found<T>(
  { retryAfter }: AcmeReply,
  value: T,
  at: string,
): Found<T> {
  return { value, url: at, retryAfter };
}

/** @throws {AcmeError} When it is something else. */
function read<T>(shape: z.ZodType<T>, text: string, what: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new AcmeError(`the CA sends no ${what} of ACME`, {
      kind: "noAcme",
      cause,
    });
  }
}

/** Says where the terms are that were not agreed to. */
function withTerms(error: unknown, terms: string | undefined): unknown {
  const isOfTerms = error instanceof AcmeError && terms !== undefined &&
    (error.kind === "userActionRequired" || /terms/i.test(error.message));
  if (!isOfTerms) return error;
  return new AcmeError(`${error.message}, its terms are at ${terms}`, error);
}
