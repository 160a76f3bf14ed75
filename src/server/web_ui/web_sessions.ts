/**
 * Who is signed in at the page: sessions of browsers, kept in memory.
 *
 * A session is a random token in a cookie; only its hash is kept here. It ends
 * when it is signed out, when nobody used it for a while, and with the server.
 *
 * @module
 */
import { isSameSecret } from "../../api/basic_auth.ts";
import type { VerifiedKey } from "../accounts.ts";
import { mintSecret, SecretHash } from "../secret.ts";

/** How long a session lives without being used, in milliseconds: a working day's pause. */
const IDLE_LIFETIME = 2 * 60 * 60 * 1000;
/** How long a session lives at most, in milliseconds: a working day. */
export const MAX_LIFETIME: number = 12 * 60 * 60 * 1000;
/** Sessions of all users together; the oldest make room. Each is less than a KB. */
const MAX_SESSIONS = 10_000;

/** Sessions of one user: signing in again and again must not sign others out. */
const MAX_OF_USER = 100;

/** A browser that is signed in. */
export interface WebSession {
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
  /** By the part of the cookie that is no secret. */
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Signs a user in; gives the value of the cookie, which is known only now. */
  begin({ user, key }: Pick<WebSession, "user" | "key">): string {
    this.#makeRoomOf(user);
    this.#makeRoom();
    const id = crypto.randomUUID();
    const secret = mintSecret();
    const now = this.#now();
    this.#kept.set(id, {
      user,
      key,
      formToken: mintSecret(),
      hash: new SecretHash(secret),
      since: now,
      usedAt: now,
    });
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

  /** Signs a browser out. */
  end(cookie: string | undefined): void {
    if (this.find(cookie)) this.#kept.delete(partsOf(cookie)[0]);
  }

  #isOver({ since, usedAt }: Kept): boolean {
    const now = this.#now();
    return now - since >= MAX_LIFETIME || now - usedAt >= IDLE_LIFETIME;
  }

  #makeRoomOf(user: string): void {
    const theirs = [...this.#kept].filter(([, kept]) => kept.user === user);
    const tooMany = theirs.length + 1 - MAX_OF_USER;
    for (const [id] of theirs.slice(0, Math.max(0, tooMany))) {
      this.#kept.delete(id);
    }
  }

  #makeRoom(): void {
    if (this.#kept.size < MAX_SESSIONS) return;
    for (const [id, kept] of this.#kept) {
      if (this.#isOver(kept)) this.#kept.delete(id);
    }
    for (const id of this.#kept.keys()) {
      if (this.#kept.size < MAX_SESSIONS) return;
      this.#kept.delete(id);
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
