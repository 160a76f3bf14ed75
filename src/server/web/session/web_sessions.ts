/**
 * Sessions of browsers, kept in memory. A session is a random token in a cookie;
 * only its hash is kept. It ends with the sign-out, after a time without use,
 * and with the server.
 */
import type { FairMap } from "../../../async/fair_map.ts";
import { CsrfToken } from "../../../web/security/csrf_token.ts";
import type { Identity, VerifiedKey } from "../../accounts/accounts.ts";
import { generateSecret, SecretHash } from "../../accounts/secret.ts";
import { SharedTables } from "../../accounts/shared_tables.ts";

/** How long a session lives without use, in milliseconds: a long break. */
const IDLE_LIFETIME = 2 * 60 * 60 * 1000;
/** How long a session lives in all, in milliseconds: a working day. */
export const MAX_LIFETIME: number = 12 * 60 * 60 * 1000;
/** Sessions of all users, each less than a KB. A full table drops one of the organization and user with the most. */
const MAX_SESSIONS = 10_000;
/** Sessions of one user: signing in again and again must not sign others out. */
const MAX_OF_USER = 100;

/** The name of what authenticates a session of an identity provider. No key can have it. */
export const PROVIDER_KEY = "(sign-in)";

/** What a session knows of the identity provider that it came from. */
export interface ProviderSession {
  readonly identity: Identity;
  /** The provider's id of the session, if it has one. */
  readonly sid: string | undefined;
  /** For the sign-out at the provider. */
  readonly idToken: string | undefined;
  /** For asking the provider again; not every provider gives one. */
  readonly refreshToken: string | undefined;
  /** When to ask again, in milliseconds since 1970; `undefined` without a refresh token. */
  readonly askAt: number | undefined;
  /** When the session ends unless the provider says that it goes on, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** A browser that is signed in. */
export interface WebSession {
  /** The public part of the cookie. */
  readonly id: string;
  /** The user's name. */
  readonly user: string;
  /** The key that the user signed in with. Of a session of an identity provider it is {@linkcode PROVIDER_KEY}. */
  readonly key: VerifiedKey;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** Where it came from; `undefined` if the user signed in with a key. */
  readonly provider: ProviderSession | undefined;
}

/** A session with what its cookie says. */
export interface FoundSession extends WebSession {
  /** The token for the forms of its pages. It follows from the cookie. */
  readonly csrfToken: CsrfToken;
}

/** A session that came from an identity provider. */
export interface ProvidedSession extends WebSession {
  readonly provider: ProviderSession;
}

interface StoredSession extends WebSession {
  readonly hash: SecretHash;
  usedAt: number;
  provider: ProviderSession | undefined;
}

/** The sessions of all browsers. */
export class WebSessions {
  /** By id. */
  readonly #sessions: FairMap<StoredSession>;
  readonly #now: () => number;
  readonly #shares: SharedTables;

  /**
   * @param now Milliseconds since 1970.
   * @param shares Maps users to organizations. By default all belong to one.
   */
  constructor(now: () => number, shares: SharedTables = new SharedTables()) {
    this.#now = now;
    this.#shares = shares;
    this.#sessions = shares.table("page_sessions", {
      maxEntries: MAX_SESSIONS,
      maxOfUser: MAX_OF_USER,
    });
  }

  /** Signs a user in. Returns the cookie, which is not kept. */
  begin(
    { user, key, provider }:
      & Pick<WebSession, "user" | "key">
      & Partial<Pick<WebSession, "provider">>,
  ): string {
    if (this.#sessions.size >= MAX_SESSIONS) this.#deleteExpired();
    const id = crypto.randomUUID();
    const secret = generateSecret();
    const now = this.#now();
    this.#sessions.set(id, {
      id,
      user,
      key,
      hash: new SecretHash(secret),
      since: now,
      usedAt: now,
      provider,
    }, this.#shares.takerOf(user));
    return `${id}.${secret}`;
  }

  /** The session of a cookie, if it has not ended. Prolongs it. */
  find(cookie: string | undefined): FoundSession | undefined {
    const [id, secret] = partsOf(cookie);
    const session = this.#sessions.get(id);
    if (!session?.hash.matches(secret)) return undefined;
    if (this.#isExpired(session)) {
      this.#sessions.delete(id);
      return undefined;
    }
    session.usedAt = this.#now();
    return { ...session, csrfToken: new CsrfToken(secret) };
  }

  /** Whether a session has not ended. Does not prolong it. */
  has({ id }: Pick<WebSession, "id">): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && !this.#isExpired(session);
  }

  /** Signs a browser out. */
  end(cookie: string | undefined): void {
    if (this.find(cookie)) this.#sessions.delete(partsOf(cookie)[0]);
  }

  /** The sessions that came from an identity provider. */
  provided(): readonly ProvidedSession[] {
    return Array.from(this.#sessions, ([, session]) => session)
      .filter(isProvided).filter((session) => !this.#isExpired(session));
  }

  /** Notes what the provider says now; a session that has ended meanwhile stays ended. */
  renew({ id }: Pick<WebSession, "id">, provider: ProviderSession): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.provider = provider;
  }

  /** Ends sessions, and returns how many there were. */
  endAll(sessions: readonly Pick<WebSession, "id">[]): number {
    return sessions.filter(({ id }) => this.#sessions.delete(id)).length;
  }

  #isExpired({ since, usedAt, provider }: StoredSession): boolean {
    const now = this.#now();
    return now - since >= MAX_LIFETIME || now - usedAt >= IDLE_LIFETIME ||
      provider !== undefined && now >= provider.endsAt;
  }

  #deleteExpired(): void {
    for (const [id, session] of this.#sessions) {
      if (this.#isExpired(session)) this.#sessions.delete(id);
    }
  }
}

function isProvided<Session extends WebSession>(
  session: Session,
): session is Session & ProvidedSession {
  return session.provider !== undefined;
}

function partsOf(cookie = ""): readonly [id: string, secret: string] {
  const dot = cookie.indexOf(".");
  return [cookie.slice(0, Math.max(0, dot)), cookie.slice(dot + 1)];
}
