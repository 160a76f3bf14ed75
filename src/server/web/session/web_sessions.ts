/**
 * Who is signed in at the page: sessions of browsers, kept in memory.
 *
 * A session is a random token in a cookie; only its hash is kept here. It ends
 * when it is signed out, when nobody used it for a while, and with the server.
 *
 * @module
 */
import type { FairMap } from "../../../async/fair_map.ts";
import { isSameSecret } from "../../../api/serving/same_secret.ts";
import type { VerifiedKey } from "../../accounts/accounts.ts";
import { generateSecret, SecretHash } from "../../accounts/secret.ts";
import { SharedTables } from "../../accounts/shared_tables.ts";

/** How long a session lives without being used, in milliseconds: a working day's pause. */
const IDLE_LIFETIME = 2 * 60 * 60 * 1000;
/** How long a session lives at most, in milliseconds: a working day. */
export const MAX_LIFETIME: number = 12 * 60 * 60 * 1000;
/** Sessions of all users together, each less than a KB; the organization and the user with the most make room. */
const MAX_SESSIONS = 10_000;

/** Sessions of one user: signing in again and again must not sign others out. */
const MAX_OF_USER = 100;

/** A browser that is signed in. */
export interface WebSession {
  /** The part of the cookie that is no secret. */
  readonly id: string;
  /** The user's name. */
  readonly user: string;
  /** The key that they have signed in with. */
  readonly key: VerifiedKey;
  /** What every form of the page carries, so that no other page can send one (CSRF). */
  readonly formToken: string;
}

interface Kept extends WebSession {
  readonly hash: SecretHash;
  readonly since: number;
  usedAt: number;
}

/** The sessions of all browsers. */
export class WebSessions {
  /** By id. */
  readonly #kept: FairMap<Kept>;
  readonly #now: () => number;
  readonly #shares: SharedTables;

  /** @param shares Whose sessions are; all are of one organization unless given. */
  constructor(now: () => number, shares: SharedTables = new SharedTables()) {
    this.#now = now;
    this.#shares = shares;
    this.#kept = shares.table("page_sessions", {
      maxEntries: MAX_SESSIONS,
      maxOfUser: MAX_OF_USER,
    });
  }

  /** Signs a user in; gives the value of the cookie, which is known only now. */
  begin({ user, key }: Pick<WebSession, "user" | "key">): string {
    if (this.#kept.size >= MAX_SESSIONS) this.#forgetThoseOver();
    const id = crypto.randomUUID();
    const secret = generateSecret();
    const now = this.#now();
    this.#kept.set(id, {
      id,
      user,
      key,
      formToken: generateSecret(),
      hash: new SecretHash(secret),
      since: now,
      usedAt: now,
    }, this.#shares.takerOf(user));
    return `${id}.${secret}`;
  }

  /** The session of a cookie, if there still is one. */
  find(cookie: string | undefined): WebSession | undefined {
    const [id, secret] = partsOf(cookie);
    const kept = this.#kept.get(id);
    if (!kept?.hash.matches(secret)) return undefined;
    if (this.#isOver(kept)) {
      this.#kept.delete(id);
      return undefined;
    }
    kept.usedAt = this.#now();
    return kept;
  }

  /** Whether a session goes on; asking does not make it longer. */
  has({ id }: Pick<WebSession, "id">): boolean {
    const kept = this.#kept.get(id);
    return kept !== undefined && !this.#isOver(kept);
  }

  /** Signs a browser out. */
  end(cookie: string | undefined): void {
    if (this.find(cookie)) this.#kept.delete(partsOf(cookie)[0]);
  }

  #isOver({ since, usedAt }: Kept): boolean {
    const now = this.#now();
    return now - since >= MAX_LIFETIME || now - usedAt >= IDLE_LIFETIME;
  }

  #forgetThoseOver(): void {
    for (const [id, kept] of this.#kept) {
      if (this.#isOver(kept)) this.#kept.delete(id);
    }
  }
}

/** Whether a form was made for this session. */
export function isFormOf(session: WebSession, token: unknown): boolean {
  return typeof token === "string" && isSameSecret(token, session.formToken);
}

function partsOf(cookie = ""): readonly [id: string, secret: string] {
  const dot = cookie.indexOf(".");
  return [cookie.slice(0, Math.max(0, dot)), cookie.slice(dot + 1)];
}
