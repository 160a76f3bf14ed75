/** The sessions of browsers, and the identity provider at which some of them begin. */
import { systemClock } from "../../async/clock.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { SharedTables } from "../accounts/shared_tables.ts";
import { OidcSignIn } from "./oidc/oidc.ts";
import type { OidcOptions } from "./oidc/provider.ts";
import { WebSessions } from "./session/web_sessions.ts";

/** What the pages sign people in with. */
export interface SignIn {
  readonly sessions: WebSessions;
  readonly oidc: OidcSignIn | undefined;
}

/** Starts it; what must be ended is one of `parts`. The provider need not be there yet. */
export function startSignIn(
  { oidc: options, externalUrl }: {
    readonly oidc?: OidcOptions | undefined;
    /** Address of the pages as browsers know it. Default that of each request. */
    readonly externalUrl?: string | undefined;
  },
  { accounts, shares }: {
    readonly accounts: Accounts;
    readonly shares: SharedTables;
  },
  parts: AsyncDisposableStack,
): SignIn {
  const clock = systemClock;
  const sessions = new WebSessions(() => clock.now(), shares);
  if (options === undefined) return { sessions, oidc: undefined };
  const oidc = parts.use(
    new OidcSignIn(options, {
      ...{ accounts, sessions, shares, clock },
      baseOf: ({ req }) => new URL(externalUrl ?? req.url).origin,
    }),
  );
  return { sessions, oidc };
}
