/*
 * `context.fetch`: the web's `fetch` with the client's own way to sites. It runs
 * where the plugin runs, and sends by what the program offers.
 */
import { abortable } from "../../async/abortable.ts";
import { timer } from "../../async/timer.ts";
import type { Fetchable, PluginFetch } from "../api/context.ts";
import type { Call } from "./call.ts";
import type { ByteSource } from "../results/outcomes.ts";
import type { FetchOutcome, SendFetch } from "./fetch_data.ts";
import { FetchLine } from "./fetch_line.ts";

/** In milliseconds. A response that a plugin forgets gives its place in the line to another one; a browser that it is for may pause. */
export const IDLE_TIMEOUT = 60_000;

/** Bytes of the content of a request. It is kept whole, because a redirect may repeat it. */
const MAX_BODY: number = 16 * 1024 * 1024;

/** As many as browsers follow (the Fetch standard). */
const MAX_REDIRECTS = 20;

/** Codings that are undone, and what the platform calls them. */
const CODINGS: ReadonlyMap<string, string> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
]);

/** Statuses of responses that have no content (the Fetch standard). */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Why a request of a plugin has no response: the `cause` of what `fetch` throws. */
export class FetchFailure extends Error {
  /** Always `FetchFailure`. */
  override readonly name = "FetchFailure";
  /** As `proxy_errors_total` counts it: `name_not_found`, `denied_localhost`. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** One request on its way through redirects. */
interface Hop {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** Sends the requests of one plugin. */
export class Fetcher {
  readonly #send: SendFetch;
  readonly #line = new FetchLine();
  readonly #idleTimeout: number;

  /** @param idleTimeout How long content may wait to be read, in milliseconds. */
  constructor(send: SendFetch, idleTimeout: number = IDLE_TIMEOUT) {
    this.#send = send;
    this.#idleTimeout = idleTimeout;
  }

  /** The `fetch` of one call. */
  forCall(call: Call): PluginFetch {
    return (input, init) => this.#fetch(input, init, call);
  }

  async #fetch(
    input: Fetchable,
    init: RequestInit | undefined,
    call: Call,
  ): Promise<Response> {
    const request = await requestOf(input, init);
    const signal = AbortSignal.any([request.signal, call.signal]);
    let hop: Hop = {
      method: request.method,
      url: checkedUrl(request.url),
      headers: new Headers(request.headers),
      body: await contentOf(request),
    };
    const place = await this.#line.enter(signal);
    try {
      for (let redirects = 0;; redirects++) {
        const { outcome, next } = await this.#step(hop, {
          request,
          signal,
          call,
        });
        if (next === undefined) {
          return responseOf(outcome, hop, {
            ...{ place, signal, isRedirected: redirects > 0 },
            idleTimeout: this.#idleTimeout,
          });
        }
        if (redirects === MAX_REDIRECTS) {
          throw new TypeError(
            `Cannot fetch "${request.url}": over ${MAX_REDIRECTS} redirects`,
          );
        }
        hop = next;
      }
    } catch (thrown) {
      place[Symbol.dispose]();
      throw thrown;
    }
  }

  /** Sends one request. `next` is where its response redirects to. */
  async #step(
    hop: Hop,
    { request, signal, call }: {
      readonly request: Request;
      readonly signal: AbortSignal;
      readonly call: Call;
    },
  ): Promise<
    {
      readonly outcome: Extract<FetchOutcome, { readonly kind: "response" }>;
      readonly next: Hop | undefined;
    }
  > {
    const { method, url, body } = hop;
    const headers = [...hop.headers].flat();
    const outcome = await abortable(
      this.#send(
        { method, url: url.href, headers, body },
        signal,
        call.exchange?.id,
      ),
      signal,
    );
    if (outcome.kind === "failure") {
      throw new TypeError(`Cannot fetch "${url.href}": ${outcome.message}`, {
        cause: new FetchFailure(outcome.reason, outcome.message),
      });
    }
    if (outcome.status < 200 || outcome.status > 599) {
      void giveUp(outcome.body);
      throw new TypeError(
        `Cannot fetch "${url.href}": it responds with status ${outcome.status}, ` +
          "which a Response cannot have",
      );
    }
    const location = request.redirect === "manual"
      ? undefined
      : locationOf(outcome.status, outcome.headers);
    if (location === undefined) return { outcome, next: undefined };
    void giveUp(outcome.body);
    if (request.redirect === "error") {
      throw new TypeError(`Cannot fetch "${url.href}": it redirects`);
    }
    return { outcome, next: redirected(hop, outcome.status, location) };
  }
}

async function requestOf(
  input: Fetchable,
  init?: RequestInit,
): Promise<Request> {
  const isWeb = typeof input === "string" || input instanceof URL ||
    input instanceof Request;
  if (isWeb) return new Request(input, init);
  const { method, url, headers: fields } = input;
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  const mayHaveContent = method !== "GET" && method !== "HEAD";
  const content = mayHaveContent && init?.body === undefined
    ? await input.bytes?.({ limit: MAX_BODY })
    : undefined;
  if (content === undefined || content.length === 0) {
    return new Request(url, { method, headers, ...init });
  }
  // The content was decompressed to be read.
  headers.delete("content-encoding");
  return new Request(url, { method, headers, body: content, ...init });
}

function checkedUrl(text: string): URL {
  const url = new URL(text);
  const isHttp = url.protocol === "http:" || url.protocol === "https:";
  if (!isHttp) {
    throw new TypeError(`Cannot fetch "${text}": use http: or https:`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(
      `Cannot fetch from "${url.host}": its URL has a password, ` +
        'send it in the field "Authorization"',
    );
  }
  return url;
}

async function contentOf(
  { body, url }: Request,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body === null) return undefined;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY) {
      throw new TypeError(
        `Cannot fetch "${url}": its content is longer than ${MAX_BODY} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function locationOf(
  status: number,
  headers: readonly string[],
): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const at = headers.findIndex((text, index) =>
    index % 2 === 0 && text.toLowerCase() === "location"
  );
  return at < 0 ? undefined : headers[at + 1];
}

/** The request that follows a redirect (the Fetch standard, HTTP-redirect fetch). */
function redirected(hop: Hop, status: number, location: string): Hop {
  const target = URL.parse(location, hop.url);
  if (target === null) {
    throw new TypeError(
      `Cannot fetch "${hop.url.href}": it redirects to an invalid URL`,
    );
  }
  const url = checkedUrl(target.href);
  const headers = new Headers(hop.headers);
  if (url.origin !== hop.url.origin) {
    for (const name of ["authorization", "cookie", "host"]) {
      headers.delete(name);
    }
  }
  const becomesGet = status === 303
    ? hop.method !== "GET" && hop.method !== "HEAD"
    : status < 303 && hop.method === "POST";
  if (!becomesGet) return { ...hop, url, headers };
  for (const name of [...headers.keys()]) {
    if (name.startsWith("content-")) headers.delete(name);
  }
  return { method: "GET", url, headers, body: undefined };
}

function responseOf(
  { status, headers: flat, body }: Extract<
    FetchOutcome,
    { readonly kind: "response" }
  >,
  { url, method }: Hop,
  { isRedirected, ...reading }: {
    readonly isRedirected: boolean;
  } & Omit<Reading, "url">,
): Response {
  const headers = new Headers();
  for (let at = 0; at < flat.length; at += 2) {
    headers.append(flat[at] ?? "", flat[at + 1] ?? "");
  }
  const isEmpty = EMPTY.has(status) || method === "HEAD";
  const coding = CODINGS.get(headers.get("content-encoding") ?? "");
  const content = body === undefined || isEmpty
    ? null
    : streamOf(body, { url, ...reading });
  if (content === null) {
    void giveUp(body);
    reading.place[Symbol.dispose]();
  }
  if (coding !== undefined && content !== null) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  const decoded = coding === undefined
    ? content
    : content?.pipeThrough(new DecompressionStream(coding as "gzip")) ?? null;
  const response = new Response(decoded, { status, headers });
  Object.defineProperty(response, "url", { value: url.href });
  Object.defineProperty(response, "redirected", { value: isRedirected });
  return response;
}

interface Reading {
  readonly url: URL;
  /** In the line; it is left at the end of the content. */
  readonly place: Disposable;
  /** Ends the content. */
  readonly signal: AbortSignal;
  /** In milliseconds. */
  readonly idleTimeout: number;
}

/** Reads from the site only what the plugin reads. */
function streamOf(
  body: ByteSource,
  { url, place, signal, idleTimeout }: Reading,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let idle: Disposable | undefined;
  let isOver = false;
  let stop = (_reason: unknown): void => {};
  const onAbort = (): void => stop(signal.reason);
  const wait = (): void => {
    idle = timer(idleTimeout, () => stop(neglected(url, idleTimeout)));
  };
  const end = (): void => {
    isOver = true;
    idle?.[Symbol.dispose]();
    signal.removeEventListener("abort", onAbort);
    place[Symbol.dispose]();
  };
  return new ReadableStream({
    start(controller) {
      stop = (reason) => {
        end();
        controller.error(reason);
        void giveUp(body);
      };
      signal.addEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
      else wait();
    },
    async pull(controller) {
      idle?.[Symbol.dispose]();
      try {
        const chunk = await body.pull();
        if (isOver) return;
        if (chunk !== undefined) {
          wait();
          return controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
        }
        end();
        controller.close();
      } catch (cause) {
        if (isOver) return;
        end();
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new TypeError(
          `Cannot read the response of "${url.href}": ${why}`,
          { cause },
        );
      }
    },
    async cancel() {
      end();
      await giveUp(body);
    },
  }, { highWaterMark: 0 });
}

function neglected(url: URL, ms: number): TypeError {
  return new TypeError(
    `Cannot read the response of "${url.href}": nobody read it for ${ms} ms`,
  );
}

async function giveUp(body: ByteSource | undefined): Promise<void> {
  try {
    await body?.cancel();
  } catch {
    // Nobody wants it.
  }
}
