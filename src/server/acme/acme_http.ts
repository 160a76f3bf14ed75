/** Signed requests to an ACME server (RFC 8555 §6). */
import { VERSION } from "../../config/version.ts";
import { z } from "zod";
import type { AccountKey } from "./account_key.ts";
import { AcmeError, kindOf, said } from "./acme_error.ts";
import { retryAfterIn } from "./retry_after.ts";

/** How long a reply may take, in milliseconds. */
const REPLY_TIMEOUT = 30_000;
/** Replies have a few KiB; a chain of certificates has less than this. */
const MAX_REPLY_BYTES: number = 256 * 1024;
/** How often a request is sent again when its nonce was too old. */
const MAX_NONCES = 5;

/** A reply with a status of success. */
export interface AcmeReply {
  /** Where the resource is that was made. */
  readonly location: string | undefined;
  /** When to ask again, in milliseconds. */
  readonly retryAfter: number | undefined;
  readonly text: string;
}

/** Options of {@linkcode AcmeHttp}. */
export interface AcmeHttpOptions {
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  readonly signal: AbortSignal;
}

const problemShape = z.object({
  type: z.string().optional(),
  detail: z.string().optional(),
  subproblems: z.array(z.object({ detail: z.string().optional() })).optional(),
});

/** Calls one ACME server. TLS is always verified; every wait has a limit. */
export class AcmeHttp implements Disposable {
  readonly #client: Deno.HttpClient;
  readonly #signal: AbortSignal;
  #nonce: string | undefined;

  constructor({ caCerts = [], signal }: AcmeHttpOptions) {
    this.#client = Deno.createHttpClient({ caCerts: [...caCerts] });
    this.#signal = signal;
  }

  /** Reads what needs no signature. @throws {AcmeError} */
  get(url: string): Promise<AcmeReply> {
    return this.#send(url, { method: "GET" });
  }

  /**
   * Sends a signed request.
   *
   * @param payload `undefined` asks for what is at `url`.
   * @param by Who signs: the URL of the account, or `undefined` before there is one.
   * @throws {AcmeError}
   */
  async post(
    url: string,
    payload: unknown,
    { key, account, newNonce }: {
      readonly key: AccountKey;
      readonly account: string | undefined;
      readonly newNonce: string;
    },
  ): Promise<AcmeReply> {
    const text = payload === undefined ? "" : JSON.stringify(payload);
    const who = account === undefined ? { jwk: key.jwk } : { kid: account };
    for (let tries = 1;; tries++) {
      const nonce = await this.#takeNonce(newNonce);
      const signed = await key.sign(text, { ...who, nonce, url });
      try {
        return await this.#send(url, {
          method: "POST",
          headers: { "content-type": "application/jose+json" },
          body: JSON.stringify(signed),
        });
      } catch (error) {
        const isOld = error instanceof AcmeError && error.kind === "badNonce";
        if (!isOld || tries === MAX_NONCES) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #takeNonce(newNonce: string): Promise<string> {
    if (this.#nonce === undefined) {
      await this.#send(newNonce, { method: "HEAD" });
    }
    const nonce = this.#nonce;
    this.#nonce = undefined;
    if (nonce === undefined) {
      throw new AcmeError(`"${hostOf(newNonce)}" gives no nonce`);
    }
    return nonce;
  }

  async #send(url: string, init: RequestInit): Promise<AcmeReply> {
    if (!url.startsWith("https:")) {
      throw new AcmeError("the CA leads to an address that is not https:");
    }
    const limit = AbortSignal.timeout(REPLY_TIMEOUT);
    const signal = AbortSignal.any([this.#signal, limit]);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        ...init,
        headers: {
          ...init.headers,
          "user-agent": `sallyport/${VERSION.version}`,
        },
        redirect: "error",
        client: this.#client,
        signal,
      });
      text = await readText(response);
    } catch (cause) {
      this.#signal.throwIfAborted();
      throw unreachable(url, cause, limit.aborted);
    }
    this.#nonce = response.headers.get("replay-nonce") ?? this.#nonce;
    return replyOf(response, { url, text });
  }
}

/** @throws {AcmeError} For a status of failure. */
function replyOf(
  { ok, status, headers }: Response,
  { url, text }: { readonly url: string; readonly text: string },
): AcmeReply {
  const retryAfter = retryAfterIn(headers.get("retry-after"), Date.now());
  if (ok) {
    const location = headers.get("location") ?? undefined;
    return { location, retryAfter, text };
  }
  const problem = problemShape.safeParse(parse(text));
  if (!problem.success || problem.data.type === undefined) {
    throw new AcmeError(
      `"${hostOf(url)}" responded with status ${status}`,
      { retryAfter },
    );
  }
  const { type, detail, subproblems = [] } = problem.data;
  throw new AcmeError(said(subproblems[0]?.detail ?? detail), {
    kind: kindOf(type),
    retryAfter,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_REPLY_BYTES) {
      throw new RangeError(`its reply is over ${MAX_REPLY_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The failure of a request that had no response. */
function unreachable(url: string, cause: unknown, isLate: boolean): AcmeError {
  const where = `the CA at "${hostOf(url)}" cannot be reached`;
  if (isLate) {
    return new AcmeError(`${where}: no reply within 30 seconds`, { cause });
  }
  if (cause instanceof RangeError) {
    return new AcmeError(`${where}: ${cause.message}`, { cause });
  }
  const text = textsOf(cause);
  return new AcmeError(
    text.includes("certificate")
      ? `${where}: its certificate is not trusted (${said(text)})`
      : `${where}: ${said(text)}`,
    { kind: text.includes("certificate") ? "untrusted" : "unreachable", cause },
  );
}

/** The message of the innermost cause, which says most. */
function textsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.cause instanceof Error) return textsOf(cause.cause);
  // "error sending request for url (https://…): client error (Connect): …"
  return cause.message.split(": ").slice(-2).join(": ");
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
