/**
 * Page sessions that came from the identity provider end with the session there:
 *
 * - at once when the provider says so (back-channel logout),
 * - with a refresh token, when the provider does not renew it: it is asked every
 *   few minutes, also for pages that nobody touches,
 * - without one, with the ID token.
 *
 * What the provider says of groups then counts too.
 */
import type { Clock } from "../../../async/clock.ts";
import { logger } from "../../../log/log.ts";
import { AccountError, type Accounts } from "../../accounts/accounts.ts";
import { PROVIDER } from "../../accounts/audit_log.ts";
import type {
  ProvidedSession,
  ProviderSession,
  WebSessions,
} from "../session/web_sessions.ts";
import type { EndedSession } from "./logout_tokens.ts";
import { externalUserOf, NoGroupError } from "./map_claims.ts";
import type { IdentityProvider, ProviderTokens } from "./provider.ts";
import { ProviderError } from "./provider_error.ts";

/** How often the provider is asked whether a session goes on, in milliseconds. */
export const ASK_EVERY: number = 5 * 60 * 1000;
/** How long a session goes on while the provider does not respond, in milliseconds. */
export const GRACE: number = 15 * 60 * 1000;
/** How often sessions are looked through, in milliseconds. */
const LOOK_EVERY = 2_000;
/** Shortest life of a session without a refresh token: some ID tokens end within seconds, and the person has just signed in. */
const SHORTEST = 60_000;
/** Sessions that are asked about at the same time. The rest follows. */
const MAX_AT_ONCE = 64;

const log = logger("server");

/** Options of {@linkcode ProvidedSessions}. */
export interface ProvidedSessionsOptions {
  readonly provider: Pick<IdentityProvider, "renew" | "options">;
  readonly sessions: WebSessions;
  readonly accounts: Pick<Accounts, "audit" | "external">;
  readonly clock: Clock;
}

/** Ends and renews these sessions until disposed. */
export class ProvidedSessions implements Disposable {
  readonly #options: ProvidedSessionsOptions;
  /** What the provider is being asked, by the id of the session. */
  readonly #asked = new Map<string, Promise<void>>();
  #next: Disposable;

  constructor(options: ProvidedSessionsOptions) {
    this.#options = options;
    this.#next = this.#wait();
  }

  /** What a new session knows of the provider. */
  begin(tokens: ProviderTokens): ProviderSession {
    return this.#stateOf(tokens);
  }

  /** Ends what the provider says has ended, and returns how many sessions that were. */
  end({ issuer, subject, sid, at }: EndedSession): number {
    const { sessions, accounts } = this.#options;
    const over = sessions.provided().filter(({ provider, since }) => {
      const { identity } = provider;
      const isOfUser = subject === undefined || identity.subject === subject;
      const isOfSession = sid === undefined || provider.sid === sid;
      return identity.issuer === issuer && isOfUser && isOfSession &&
        since <= at;
    });
    const users = Map.groupBy(over, ({ user }) => user);
    const ended = sessions.endAll(over);
    for (const [user, { length }] of users) {
      const detail = `sessions ended by the provider: ${length}`;
      accounts.audit.note({ by: PROVIDER, action: "signed_out", user, detail });
    }
    return ended;
  }

  [Symbol.dispose](): void {
    this.#next[Symbol.dispose]();
  }

  #wait(): Disposable {
    return this.#options.clock.timer(LOOK_EVERY, () => {
      this.look();
      this.#next = this.#wait();
    });
  }

  /** Asks about sessions that are due. Resolves when the provider has said all that it was asked. */
  async look(): Promise<void> {
    const { sessions, clock } = this.#options;
    const now = clock.now();
    const due = sessions.provided().filter(({ id, provider: { askAt } }) =>
      askAt !== undefined && askAt <= now && !this.#asked.has(id)
    );
    const room = Math.max(0, MAX_AT_ONCE - this.#asked.size);
    for (const session of due.slice(0, room)) {
      const { id, user } = session;
      const asked = this.#ask(session)
        .catch((error) => log.warn("failed to renew session", { user, error }))
        .finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    await Promise.all(this.#asked.values());
  }

  async #ask(session: ProvidedSession): Promise<void> {
    const { provider, sessions, accounts } = this.#options;
    const { identity, refreshToken = "" } = session.provider;
    try {
      const tokens = await provider.renew(refreshToken, identity.subject);
      const { options } = provider;
      // A renewal that says nothing of groups changes none.
      if (options.groupsClaim in tokens.claims) {
        await accounts.external.signIn(externalUserOf(tokens, options));
      }
      sessions.renew(session, this.#stateOf(tokens, session.provider));
    } catch (error) {
      if (error instanceof NoGroupError) {
        await accounts.external.disable(identity);
      } else if (!isFinal(error)) throw error;
      sessions.endAll([session]);
      const { user } = session;
      const detail = error instanceof Error ? error.message : String(error);
      accounts.audit.note({ by: PROVIDER, action: "signed_out", user, detail });
    }
  }

  /** @param before What was known before a renewal. */
  #stateOf(tokens: ProviderTokens, before?: ProviderSession): ProviderSession {
    const now = this.#options.clock.now();
    const refreshToken = tokens.refreshToken ?? before?.refreshToken;
    const ends = tokens.expiresAt ?? now + ASK_EVERY;
    return {
      identity: tokens.identity,
      sid: tokens.sid ?? before?.sid,
      idToken: tokens.idToken ?? before?.idToken,
      refreshToken,
      ...refreshToken === undefined
        ? { askAt: undefined, endsAt: Math.max(ends, now + SHORTEST) }
        : { askAt: now + ASK_EVERY, endsAt: now + ASK_EVERY + GRACE },
    };
  }
}

/** Whether the session is over. Otherwise it is worth asking again, until the session ends. */
function isFinal(error: unknown): boolean {
  return error instanceof AccountError ||
    error instanceof ProviderError &&
      (error.fault === "ended" || error.fault === "refused");
}
