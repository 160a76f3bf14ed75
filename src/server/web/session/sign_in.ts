/**
 * Signing in and out on the pages: a form, and a cookie. Scripts cannot read the
 * cookie, and pages of other sites cannot send it (RFC 6265bis, SameSite).
 *
 * Programs may send Basic credentials instead, to read pages only.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { KeyScope, Role } from "../../../api/resources/account_types.ts";
import type { ApiEnv } from "../../../api/serving/serve.ts";
import type {
  Accounts,
  UserSummary,
  VerifiedKey,
} from "../../accounts/accounts.ts";
import {
  authenticateRequest,
  checkScope,
  type UserEnv,
} from "../../rest/authentication.ts";
import {
  expirySentence,
  type Login,
  type LoginGuard,
} from "../../accounts/login_guard.ts";
import type { Permit } from "../../accounts/permission_watcher.ts";
import { readForm } from "../../../web/components/form.ts";
import type { Layout } from "../../../web/layout.ts";
import {
  clearCookies,
  clearHint,
  hasHint,
  sessionCookie,
  setSessionCookie,
} from "./cookies.ts";
import { renderSignIn } from "./sign_in_page.ts";
import { renderSignedOut } from "./signed_out_page.ts";
import type {
  FoundSession,
  ProviderSession,
  WebSession,
  WebSessions,
} from "./web_sessions.ts";

/** Longest sign-in form, in bytes: anyone can send it. */
const MAX_LOGIN_FORM = 4_096;

/** What pages know about the user. */
export interface PageEnv extends ApiEnv {
  Variables: UserEnv["Variables"] & {
    /** Whether the user may still see pages. */
    readonly permit: Permit;
    /** Token for the forms of this page. Empty for programs, which send none. */
    readonly csrfToken: string;
  };
}

/** Scopes of keys that open pages. */
const PAGE_SCOPES: readonly KeyScope[] = ["all", "read"];

/** Dependencies of signing in. */
export interface SignInOptions {
  readonly guard: LoginGuard;
  readonly sessions: WebSessions;
  readonly accounts: Pick<Accounts, "audit" | "findKey" | "findUser">;
  /** The identity provider at which people may sign in too. */
  readonly provider?: SignInProvider | undefined;
}

/** What the sign-in page knows of an identity provider. */
export interface SignInProvider {
  /** Its host, as people know it. */
  readonly host: string;
  /** The address at which the browser signs out there, and comes back from; `undefined` if there is none. */
  signOutUrl(
    session: WebSession,
    context: Context<PageEnv>,
  ): string | undefined;
}

/** Path at which the sign-in at the identity provider begins. */
export const PROVIDER_PATH = "/login/oidc";

/** `GET` and `POST /login`, `POST /logout`. */
export function signInRoutes(
  { guard, sessions, accounts, provider, layout }: SignInOptions & {
    readonly layout: Layout<PageEnv>;
  },
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/login", (context) => {
    const next = safePath(context.req.query("next"));
    const main = renderSignIn({ next, provider });
    return layout(context, { title: "Sign in", main });
  });

  app.post("/login", async (context) => {
    const form = await readForm(context, MAX_LOGIN_FORM);
    const username = form.get("username") ?? "";
    const next = safePath(form.get("next") ?? undefined);
    const address = context.env?.remoteAddress ?? "";
    const login = await guard.check(
      { username, password: form.get("key") ?? "" },
      address,
      context.req.raw.signal,
    );
    const refusal = refusalOf(login, accounts.findUser(username)?.role);
    if (refusal !== undefined || login.outcome !== "accepted") {
      context.status(REFUSAL_STATUS[login.outcome]);
      const main = renderSignIn({ next, username, refusal, provider });
      return layout(context, { title: "Sign in", main });
    }
    context.env?.admit?.();
    const { key } = login;
    const cookie = sessions.begin({ user: username, key });
    setSessionCookie(context, cookie);
    clearHint(context);
    const by = { user: username, key: key.name, address };
    accounts.audit.note({ by, action: "signed_in", user: username });
    return context.redirect(next, 303);
  });

  app.post("/logout", async (context) => {
    const session = sessions.find(sessionCookie(context));
    session?.csrfToken.check(await readForm(context));
    sessions.end(sessionCookie(context));
    clearCookies(context);
    if (provider === undefined || session?.provider === undefined) {
      return context.redirect("/login", 303);
    }
    const there = provider.signOutUrl(session, context);
    // A form may not lead to another site, so the page goes there by itself.
    if (there !== undefined) context.header("Refresh", `0; url=${there}`);
    const main = renderSignedOut({ host: provider.host, there });
    return layout(context, { title: "Signed out", main });
  });

  return app;
}

/** `accepted` stands for a valid key whose scope or user may not sign in. */
const REFUSAL_STATUS = {
  accepted: 403,
  refused: 403,
  throttled: 429,
  busy: 503,
} as const;

/** Redirects to the sign-in page without a session, and accepts forms from our own pages only. */
export function requireSignIn(
  { guard, sessions, accounts, provider }: SignInOptions,
): MiddlewareHandler<PageEnv> {
  return createMiddleware<PageEnv>(async function requireSignIn(context, next) {
    const { req } = context;
    const isRead = req.method === "GET" || req.method === "HEAD";
    const login = findLogin(context, { sessions, accounts });
    if (login) {
      if (!isRead) login.session.csrfToken.check(await readForm(context));
      checkScope(login.key, isRead ? ["read"] : []);
    } else if (isRead && req.header("authorization") !== undefined) {
      const { user, key } = await authenticateRequest(context, guard);
      checkScope(key, ["read"]);
      context.set("user", user);
      context.set("key", key);
      context.set("permit", {
        holds: (look) => look.hasKey(user, key, PAGE_SCOPES),
      });
      context.set("csrfToken", "");
    } else {
      const { pathname, search } = new URL(req.url);
      const from = isRead ? pathname + search : "/";
      const isProvided = provider !== undefined && hasHint(context);
      const path = isProvided && isRead ? PROVIDER_PATH : "/login";
      return context.redirect(`${path}?next=${encodeURIComponent(from)}`, 303);
    }
    await next();
  });
}

/** Lets every request pass, and sets the user if there is a session. */
export function optionalSignIn(
  options: Pick<SignInOptions, "sessions" | "accounts">,
): MiddlewareHandler<PageEnv> {
  return createMiddleware<PageEnv>(
    async function optionalSignIn(context, next) {
      findLogin(context, options);
      await next();
    },
  );
}

/** Finds the session of a request, and sets the user in the context. */
function findLogin(
  context: Context<PageEnv>,
  { sessions, accounts }: Pick<SignInOptions, "sessions" | "accounts">,
): { readonly session: FoundSession; readonly key: VerifiedKey } | undefined {
  const session = sessions.find(sessionCookie(context));
  const key = session && keyOf(session, accounts);
  if (session === undefined || key === undefined) return undefined;
  context.env?.admit?.();
  const { user } = session;
  context.set("user", user);
  context.set("key", key);
  context.set("permit", {
    holds: (look) =>
      sessions.has(session) &&
      (session.provider === undefined
        ? look.hasKey(user, key, PAGE_SCOPES)
        : isOf(look.userOf(user), session.provider)),
  });
  context.set("csrfToken", String(session.csrfToken));
  return { session, key };
}

/**
 * The key of a session. A session ends with its key, with its user, and when the
 * user is disabled or becomes a service account.
 */
function keyOf(
  { user, key, provider }: WebSession,
  accounts: SignInOptions["accounts"],
): VerifiedKey | undefined {
  const summary = accounts.findUser(user);
  if (summary === undefined || summary.role === "service") return undefined;
  if (provider !== undefined) {
    return isOf(summary, provider) ? key : undefined;
  }
  const found = accounts.findKey(user, key.name);
  return found?.id === key.id ? found : undefined;
}

/** Whether a user is still the one that the identity provider meant. */
function isOf(
  user: UserSummary | undefined,
  { identity }: ProviderSession,
): boolean {
  return user?.disabled === undefined &&
    user?.identity?.issuer === identity.issuer &&
    user.identity.subject === identity.subject;
}

/** Why the sign-in failed, as the form says it. */
function refusalOf(
  login: Login,
  role: Role | undefined,
): string | undefined {
  if (login.outcome === "throttled") {
    return "Too many failures. Wait a minute, then try again.";
  }
  if (login.outcome === "busy") {
    return "Too many sign-ins at the moment. Try again in a few seconds.";
  }
  if (login.outcome === "refused") {
    const expiry = expirySentence(login);
    return `${expiry ?? "User name or access key is wrong"}.`;
  }
  const { scope } = login.key;
  if (scope === "start" || scope === "use") {
    return `This key has the scope “${scope}”: use one with “all” or “read”.`;
  }
  return role === "service"
    ? "Service accounts cannot sign in: use the account of a person."
    : undefined;
}

/** Keeps the redirect after the sign-in on this server: another site becomes `/`. */
export function safePath(next = "/"): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}
