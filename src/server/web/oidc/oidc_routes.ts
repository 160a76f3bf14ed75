/**
 * Signing in at the identity provider (OpenID Connect, authorization code with
 * PKCE): the way there, the way back, and the provider's word that a session has
 * ended there.
 */
import { type Context, Hono } from "hono";
import { Problem } from "../../../api/serving/problem.ts";
import { logger } from "../../../log/log.ts";
import { networkOf } from "../../../net/address/network_of.ts";
import { readForm } from "../../../web/components/form.ts";
import {
  AccountError,
  type Accounts,
  type UserSummary,
} from "../../accounts/accounts.ts";
import type { SharedTables } from "../../accounts/shared_tables.ts";
import type { ServerLayout } from "../layout.ts";
import {
  clearHint,
  pendingCookie,
  setHint,
  setPendingCookie,
  setSessionCookie,
} from "../session/cookies.ts";
import {
  type PageEnv,
  PROVIDER_PATH,
  safePath,
  type SignInProvider,
} from "../session/sign_in.ts";
import { renderSignIn } from "../session/sign_in_page.ts";
import { PROVIDER_KEY, type WebSessions } from "../session/web_sessions.ts";
import { LogoutTokenError, LogoutTokens } from "./logout_tokens.ts";
import { externalUserOf, NoGroupError } from "./map_claims.ts";
import {
  type PendingSignIn,
  type PendingSignIns,
  SIGN_IN_TIME,
} from "./pending_sign_ins.ts";
import type { ProvidedSessions } from "./provided_sessions.ts";
import type { IdentityProvider, ProviderTokens } from "./provider.ts";
import { ProviderError } from "./provider_error.ts";
import type { SignInTally } from "./sign_in_tally.ts";
import { renderSignedIn } from "./signed_in_page.ts";

/** Where the provider sends browsers back to. */
export const CALLBACK_PATH = `${PROVIDER_PATH}/callback`;
/** Where the provider says that a session has ended. */
export const LOGOUT_PATH = `${PROVIDER_PATH}/logout`;

/** Dependencies of the routes. */
export interface OidcRoutesOptions {
  readonly provider: IdentityProvider;
  readonly pending: PendingSignIns;
  readonly provided: ProvidedSessions;
  readonly sessions: WebSessions;
  readonly accounts: Pick<Accounts, "audit" | "external">;
  readonly shares: SharedTables;
  readonly tally: SignInTally;
  /** Address of the pages, as browsers know it, without a path. */
  readonly baseOf: (context: Context<PageEnv>) => string;
  readonly layout: ServerLayout;
}

const log = logger("server");

/** Status of the page by what failed. */
const STATUS = {
  unreachable: 503,
  busy: 503,
  refused: 403,
  ended: 403,
  misconfigured: 503,
  invalid: 503,
} as const;

/** `GET /login/oidc`, `GET /login/oidc/callback`, `POST /login/oidc/logout`. */
export function oidcRoutes(options: OidcRoutesOptions): Hono<PageEnv> {
  const { provider, pending, baseOf, tally } = options;
  const app = new Hono<PageEnv>();

  app.get(PROVIDER_PATH, async (context) => {
    const next = safePath(context.req.query("next"));
    const { signIn, cookie } = pending.begin({
      next,
      redirectUri: baseOf(context) + CALLBACK_PATH,
      address: context.env?.remoteAddress ?? "",
      cookie: pendingCookie(context),
    });
    try {
      const url = await provider.signInUrl(signIn, signIn.redirectUri);
      setPendingCookie(context, cookie, SIGN_IN_TIME / 1000);
      return context.redirect(url, 303);
    } catch (error) {
      pending.end(signIn.state, cookie);
      return refuse(context, error, { ...options, next });
    }
  });

  app.get(CALLBACK_PATH, async (context) => {
    const state = context.req.query("state") ?? "";
    const signIn = pending.end(state, pendingCookie(context));
    if (signIn === undefined) {
      tally.count("unknown");
      return refuse(context, unknownSignIn(provider.host), options);
    }
    try {
      const tokens = await provider.signIn(
        urlOf(context, signIn),
        signIn,
        networkOf(context.env?.remoteAddress ?? ""),
      );
      return await welcome(context, { ...options, signIn, tokens });
    } catch (error) {
      return refuse(context, error, { ...options, next: signIn.next });
    }
  });

  app.route("/", logoutRoute(options));
  return app;
}

/** `POST /login/oidc/logout`: sent by the provider, without a browser. */
function logoutRoute(
  { provider, provided, shares, tally }: OidcRoutesOptions,
): Hono<PageEnv> {
  const tokens = new LogoutTokens(provider, shares);
  return new Hono<PageEnv>().post(LOGOUT_PATH, async (context) => {
    const form = await readForm(context);
    try {
      const ended = await tokens.verify(form.get("logout_token") ?? "");
      const sessions = provided.end(ended);
      tally.count("logout");
      log.info("identity provider ended sessions", { sessions });
      return context.body(null, 200);
    } catch (error) {
      if (!(error instanceof LogoutTokenError)) throw error;
      tally.count("logout_refused");
      log.warn("logout token refused", { reason: error.message });
      throw new Problem(400, `Cannot use the logout token: ${error.message}`);
    }
  });
}

/** The sign-in page's view of the provider. */
export function signInProvider(
  { provider, baseOf }: Pick<OidcRoutesOptions, "provider" | "baseOf">,
): SignInProvider {
  return {
    host: provider.host,
    signOutUrl: ({ provider: known }, context) =>
      known?.idToken === undefined
        ? undefined
        : provider.signOutUrl(known.idToken, `${baseOf(context)}/login`),
  };
}

/** The address that the provider has sent the browser to, with the origin that the provider knows. */
function urlOf(context: Context, { redirectUri }: PendingSignIn): URL {
  const url = new URL(redirectUri);
  url.search = new URL(context.req.url).search;
  return url;
}

/** Begins the session, and leads to the page that the browser wanted. */
async function welcome(
  context: Context<PageEnv>,
  { signIn, tokens, provider, provided, sessions, accounts, tally, layout }:
    & OidcRoutesOptions
    & { readonly signIn: PendingSignIn; readonly tokens: ProviderTokens },
): Promise<Response> {
  const address = context.env?.remoteAddress;
  const user = await userOf(tokens, { provider, accounts, address });
  context.env?.admit?.();
  const cookie = sessions.begin({
    user: user.name,
    key: { id: "", name: PROVIDER_KEY, scope: "all" },
    provider: provided.begin(tokens),
  });
  setSessionCookie(context, cookie);
  setHint(context);
  tally.count("signed_in");
  accounts.audit.note({
    by: { user: user.name, key: PROVIDER_KEY, address },
    action: "signed_in",
    user: user.name,
    detail: `at ${provider.host}`,
  });
  // Browsers do not send a cookie of `SameSite=Strict` where the provider leads
  // them, but where our own page does.
  context.header("Refresh", `0; url=${signIn.next}`);
  const main = renderSignedIn({ user: user.name, next: signIn.next });
  return await layout(context, { title: "Signed in", main });
}

/** The user whom the provider means. Somebody without a group is disabled. */
async function userOf(
  tokens: ProviderTokens,
  { provider, accounts, address }:
    & Pick<OidcRoutesOptions, "provider" | "accounts">
    & { readonly address: string | undefined },
): Promise<UserSummary> {
  try {
    const external = externalUserOf(tokens, provider.options);
    return await accounts.external.signIn(external, address);
  } catch (error) {
    const { identity } = tokens;
    if (error instanceof NoGroupError) {
      await accounts.external.disable(identity, address);
    }
    const known = accounts.external.find(identity)?.name;
    accounts.audit.note({
      by: { user: known ?? "(unknown)", key: PROVIDER_KEY, address },
      action: "sign_in_refused",
      user: known ?? "(unknown)",
      detail: error instanceof Error ? error.message : String(error),
    });
    throw error;
  }
}

/** The sign-in page, with the reason. @throws What is neither the provider's nor the person's fault. */
function refuse(
  context: Context<PageEnv>,
  error: unknown,
  { provider, tally, layout, next = "/" }: OidcRoutesOptions & {
    readonly next?: string;
  },
): Response | Promise<Response> {
  const isPersons = error instanceof AccountError;
  if (!isPersons && !(error instanceof ProviderError)) throw error;
  const fault = isPersons ? "refused" : error.fault;
  tally.count(fault);
  // The browser must not go there by itself again.
  clearHint(context);
  if (fault !== "refused" && fault !== "ended") {
    log.warn("sign-in at the identity provider failed", {
      ...{ fault, reason: error.message, error: error.cause },
    });
  }
  context.status(STATUS[fault]);
  const refusal = `${error.message}.`;
  const main = renderSignIn({ next, refusal, provider });
  return layout(context, { title: "Sign in", main });
}

function unknownSignIn(host: string): ProviderError {
  return new ProviderError(
    "ended",
    `Cannot sign in at ${host}: this sign-in was not begun in this browser, ` +
      "took over ten minutes, or was used before, sign in again",
  );
}
