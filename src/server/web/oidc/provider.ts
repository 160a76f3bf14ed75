/**
 * The identity provider: what its documents say (discovery), and all calls to it.
 * Calls are bounded in time, size and number. While it cannot be reached, only
 * sign-ins there fail.
 */
import * as openid from "openid-client";
import {
  FairSemaphore,
  SemaphoreFullError,
} from "../../../async/fair_semaphore.ts";
import { Backoff } from "../../../async/backoff.ts";
import { type Clock, systemClock } from "../../../async/clock.ts";
import { logger } from "../../../log/log.ts";
import type { Identity } from "../../accounts/accounts.ts";
import type { GroupRule } from "../../../config/values/group_rule.ts";
import { ProviderError, providerError } from "./provider_error.ts";
import {
  CALL_TIMEOUT,
  createProviderFetch,
  type ProviderFetch,
} from "./provider_fetch.ts";

/** Calls of sign-ins and renewals at the same time. */
const MAX_CALLS = 16;
/** Sign-ins that wait for such a call; those of the address with most give way. */
const MAX_WAITING = 64;
/** How long the provider's documents count, in milliseconds. */
const DOCUMENTS_LIFETIME = 60 * 60 * 1000;
/** Delays between attempts to read them, in milliseconds. */
const RETRIES = { first: 1_000, max: 60_000 } as const;

const log = logger("server");

/** What binds a sign-in to its browser, and the response to the request. */
export interface SignInChecks {
  readonly state: string;
  readonly nonce: string;
  /** The secret of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** What the provider says of a session. */
export interface ProviderTokens {
  readonly identity: Identity;
  /** The provider's id of the session, if it has one. */
  readonly sid: string | undefined;
  /** All claims about the user. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** For the sign-out there; `undefined` when a renewal gave none. */
  readonly idToken: string | undefined;
  /** When the ID token ends, in milliseconds since 1970; `undefined` without one. */
  readonly expiresAt: number | undefined;
  /** For asking again; not every provider gives one. */
  readonly refreshToken: string | undefined;
}

/** Options of {@linkcode IdentityProvider} besides those of the user. */
export interface ProviderDependencies {
  readonly clock?: Clock;
  /** Makes calls; by default real ones. */
  readonly fetch?: ProviderFetch;
}

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

/** The provider. Disposing it stops the attempts to read its documents. */
export class IdentityProvider implements Disposable {
  /** Its host, as people know it. */
  readonly host: string;
  readonly options: OidcOptions;
  readonly fetch: ProviderFetch;
  readonly #clock: Clock;
  readonly #backoff = new Backoff(RETRIES);
  readonly #calls = new FairSemaphore({
    ...{ permits: MAX_CALLS, reserved: 0, maxWaiting: MAX_WAITING },
  });
  #config: openid.Configuration | undefined;
  #reading: Promise<openid.Configuration> | undefined;
  #problem: string | undefined;
  #next: Disposable | undefined;
  /** Ends the running calls. */
  readonly #disposed = new AbortController();

  constructor(
    options: OidcOptions,
    { clock = systemClock, fetch }: ProviderDependencies = {},
  ) {
    this.options = options;
    this.host = new URL(options.issuer).host;
    this.#clock = clock;
    const { readCaCerts = () => Promise.resolve([]) } = options;
    const call = fetch ?? createProviderFetch(readCaCerts);
    const { signal } = this.#disposed;
    this.fetch = (url, options) =>
      call(url, {
        ...options,
        signal: options.signal
          ? AbortSignal.any([signal, options.signal])
          : signal,
      });
  }

  /** Why its documents cannot be read; `undefined` while they can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Its documents, once they were read. */
  get metadata(): openid.ServerMetadata | undefined {
    return this.#config?.serverMetadata();
  }

  /** Reads its documents now, and again and again. */
  start(): void {
    this.#read().catch(() => {});
  }

  /** The address at which the browser signs in. @throws {ProviderError} */
  async signInUrl(
    { state, nonce, verifier }: SignInChecks,
    redirectUri: string,
  ): Promise<string> {
    const config = await this.#ready();
    const { scopes } = this.options;
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: [...new Set(["openid", ...scopes])].join(" "),
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    return this.#webAddress(url.href);
  }

  /**
   * Exchanges the code that the browser has brought.
   *
   * @param url The address that the provider has sent the browser to.
   * @param network Whose call it is: networks take turns.
   * @throws {ProviderError}
   */
  async signIn(
    url: URL,
    { state, nonce, verifier }: SignInChecks,
    network: string,
  ): Promise<ProviderTokens> {
    const config = await this.#ready();
    return await this.#call(network, async () => {
      const tokens = await openid.authorizationCodeGrant(config, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const subject = tokens.claims()?.sub ?? "";
      return await this.#tokensOf(config, tokens, subject);
    });
  }

  /** Asks whether a session still exists. @throws {ProviderError} `ended` when it does not. */
  async renew(refreshToken: string, subject: string): Promise<ProviderTokens> {
    const config = await this.#ready();
    return await this.#call("", async () => {
      const tokens = await openid.refreshTokenGrant(config, refreshToken);
      const claimed = tokens.claims()?.sub ?? subject;
      if (claimed !== subject) {
        throw new ProviderError(
          "ended",
          `Cannot sign in at ${this.host}: it speaks of another user`,
        );
      }
      return await this.#tokensOf(config, tokens, subject);
    });
  }

  /** The address at which the browser signs out there; `undefined` if there is none. */
  signOutUrl(idToken: string, returnTo: string): string | undefined {
    const config = this.#config;
    const { end_session_endpoint: end } = this.metadata ?? {};
    if (config === undefined || end === undefined) return undefined;
    const { href } = openid.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: returnTo,
    });
    return isOfWeb(href) ? href : undefined;
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
    this.#next?.[Symbol.dispose]();
  }

  async #tokensOf(
    config: openid.Configuration,
    tokens: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers,
    subject: string,
  ): Promise<ProviderTokens> {
    const own = tokens.claims();
    const { userClaim, groupsClaim } = this.options;
    const isWhole = own !== undefined && userClaim in own && groupsClaim in own;
    const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
    const more = isWhole || !hasMore
      ? {}
      : await openid.fetchUserInfo(config, tokens.access_token, subject);
    return {
      identity: { issuer: config.serverMetadata().issuer, subject },
      sid: typeof own?.sid === "string" ? own.sid : undefined,
      claims: { ...more, ...own },
      idToken: tokens.id_token,
      expiresAt: own && own.exp * 1000,
      refreshToken: tokens.refresh_token,
    };
  }

  async #call<Result>(
    network: string,
    task: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.#calls.run(task, { key: network });
    } catch (cause) {
      if (cause instanceof SemaphoreFullError) {
        throw new ProviderError(
          "busy",
          `Cannot sign in at ${this.host}: too many sign-ins wait for it, ` +
            "try again in a minute",
        );
      }
      throw providerError(cause, this.host);
    }
  }

  async #ready(): Promise<openid.Configuration> {
    return this.#config ?? await this.#read();
  }

  /** Reads the documents; all who wait for them share one attempt. */
  #read(): Promise<openid.Configuration> {
    this.#reading ??= this.#discover().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #discover(): Promise<openid.Configuration> {
    this.#next?.[Symbol.dispose]();
    const { issuer, clientId } = this.options;
    const isPlain = issuer.startsWith("http:");
    try {
      const config = await openid.discovery(
        new URL(issuer),
        clientId,
        undefined,
        this.#authentication(),
        {
          [openid.customFetch]: (url, options) =>
            this.fetch(url, { ...options, body: bodyOf(options.body) }),
          timeout: CALL_TIMEOUT / 1000,
          execute: [
            openid.enableNonRepudiationChecks,
            // Only on this machine: see the option.
            ...isPlain ? [openid.allowInsecureRequests] : [],
          ],
        },
      );
      this.#note(undefined);
      this.#config = config;
      this.#backoff.reset();
      this.#wait(DOCUMENTS_LIFETIME);
      return config;
    } catch (cause) {
      const error = providerError(cause, this.host);
      if (!this.#disposed.signal.aborted) this.#note(error.message);
      this.#wait(this.#backoff.next());
      throw error;
    }
  }

  #wait(ms: number): void {
    if (this.#disposed.signal.aborted) return;
    this.#next = this.#clock.timer(ms, () => this.start());
  }

  /** Logs when the provider can be reached no more, and when it can be again. */
  #note(problem: string | undefined): void {
    const before = this.#problem;
    const isNews = before !== undefined || this.#config === undefined;
    this.#problem = problem;
    const { issuer } = this.options;
    if (problem !== undefined && before === undefined) {
      log.error("identity provider cannot be used", {
        issuer,
        reason: problem,
      });
    } else if (problem === undefined && isNews) {
      log.info("identity provider can be used", { issuer });
    }
  }

  /** Reads the secret for each call, so that it may change. */
  #authentication(): openid.ClientAuth {
    const { readClientSecret } = this.options;
    if (readClientSecret === undefined) return openid.None();
    return async (server, client, body, headers) => {
      const secret = await readClientSecret();
      const { token_endpoint_auth_methods_supported: methods } = server;
      const isBasic = methods === undefined ||
        methods.includes("client_secret_basic");
      const authenticate = isBasic
        ? openid.ClientSecretBasic(secret)
        : openid.ClientSecretPost(secret);
      await authenticate(server, client, body, headers);
    };
  }

  /** An address that browsers are sent to: nothing that would run here. */
  #webAddress(href: string): string {
    if (isOfWeb(href)) return href;
    throw new ProviderError(
      "invalid",
      `Cannot sign in at ${this.host}: it names an address that is not of the web`,
    );
  }
}

function isOfWeb(href: string): boolean {
  return /^https?:\/\//.test(href);
}

type CallBody = Parameters<openid.CustomFetch>[1]["body"];

/** Calls of a sign-in send forms only. */
function bodyOf(body: CallBody): URLSearchParams | string | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof URLSearchParams || typeof body === "string") return body;
  throw new TypeError("Cannot send this content to the provider");
}
