/** The sign-in at an identity provider, as one part of the server. */
import type { Context, Hono } from "hono";
import type { Clock } from "../../../async/clock.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import type { SharedTables } from "../../accounts/shared_tables.ts";
import type { ServerLayout } from "../layout.ts";
import type { PageEnv, SignInProvider } from "../session/sign_in.ts";
import type { WebSessions } from "../session/web_sessions.ts";
import type { OidcOptions } from "./provider.ts";
import { oidcRoutes, signInProvider } from "./oidc_routes.ts";
import { PendingSignIns } from "./pending_sign_ins.ts";
import { ProvidedSessions } from "./provided_sessions.ts";
import { IdentityProvider } from "./provider.ts";
import type { ProviderFetch } from "./provider_fetch.ts";
import { SignInTally } from "./sign_in_tally.ts";

/** What the sign-in is built from. */
export interface OidcDependencies {
  readonly accounts: Pick<Accounts, "audit" | "external">;
  readonly sessions: WebSessions;
  readonly shares: SharedTables;
  readonly clock: Clock;
  /** Address of the pages, as browsers know it, without a path. */
  readonly baseOf: (context: Context<PageEnv>) => string;
  /** Makes calls to the provider; by default real ones. */
  readonly fetch?: ProviderFetch | undefined;
}

/** The sign-in. It works, and ends sessions, until it is disposed. */
export class OidcSignIn implements Disposable {
  readonly provider: IdentityProvider;
  readonly pending: PendingSignIns;
  readonly tally: SignInTally = new SignInTally();
  readonly #dependencies: OidcDependencies;
  readonly #provided: ProvidedSessions;

  constructor(options: OidcOptions, dependencies: OidcDependencies) {
    const { clock, sessions, accounts, shares, fetch } = dependencies;
    this.#dependencies = dependencies;
    this.provider = new IdentityProvider(options, {
      clock,
      ...fetch && { fetch },
    });
    this.pending = new PendingSignIns(() => clock.now(), shares);
    this.#provided = new ProvidedSessions({
      ...{ provider: this.provider, sessions, accounts, clock },
    });
    this.provider.start();
  }

  /** What the sign-in page shows of it. */
  get page(): SignInProvider {
    const { baseOf } = this.#dependencies;
    return signInProvider({ provider: this.provider, baseOf });
  }

  /** The routes below `/login/oidc`. */
  routes(layout: ServerLayout): Hono<PageEnv> {
    const { provider, pending, tally } = this;
    return oidcRoutes({
      ...this.#dependencies,
      ...{ provider, pending, tally, layout },
      provided: this.#provided,
    });
  }

  [Symbol.dispose](): void {
    this.#provided[Symbol.dispose]();
    this.provider[Symbol.dispose]();
  }
}
