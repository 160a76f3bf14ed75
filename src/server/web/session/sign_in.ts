/**
 * Signing in and out on the pages: a form, and a cookie. Scripts cannot read the
 * cookie, and pages of other sites cannot send it (RFC 6265bis, SameSite).
 *
 * Programs may send Basic credentials instead, to read pages only.
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { html } from "hono/html";
import type { KeyScope, Role } from "../../../api/resources/account_types.ts";
import type { ApiEnv } from "../../../api/serving/serve.ts";
import type { Accounts, VerifiedKey } from "../../accounts/accounts.ts";
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
import type { Layout, Markup } from "../../../web/layout.ts";
import {
  MAX_LIFETIME,
  type WebSession,
  type WebSessions,
} from "./web_sessions.ts";

/** `__Host-`: the cookie is set by this host only, over TLS, for all paths. */
const COOKIE = "__Host-sallyport";

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
}

/** `GET` and `POST /login`, `POST /logout`. */
export function signInRoutes(
  { guard, sessions, accounts, layout }: SignInOptions & {
    readonly layout: Layout<PageEnv>;
  },
): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/login", (context) => {
    const next = safePath(context.req.query("next"));
    return layout(context, { title: "Sign in", main: renderSignIn({ next }) });
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
      const main = renderSignIn({ next, username, refusal });
      return layout(context, { title: "Sign in", main });
    }
    context.env?.admit?.();
    const { key } = login;
    const cookie = sessions.begin({ user: username, key });
    setCookie(context, COOKIE, cookie, COOKIE_OPTIONS);
    const by = { user: username, key: key.name, address };
    accounts.audit.note({ by, action: "signed_in", user: username });
    return context.redirect(next, 303);
  });

  app.post("/logout", async (context) => {
    const session = sessions.find(getCookie(context, COOKIE));
    session?.csrfToken.check(await readForm(context));
    sessions.end(getCookie(context, COOKIE));
    deleteCookie(context, COOKIE, { path: "/", secure: true });
    return context.redirect("/login", 303);
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

const COOKIE_OPTIONS = {
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "Strict",
  maxAge: MAX_LIFETIME / 1000,
} as const;

/** Redirects to the sign-in page without a session, and accepts forms from our own pages only. */
export function requireSignIn(
  { guard, sessions, accounts }: SignInOptions,
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
      return context.redirect(`/login?next=${encodeURIComponent(from)}`, 303);
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
): { readonly session: WebSession; readonly key: VerifiedKey } | undefined {
  const cookie = getCookie(context, COOKIE);
  const session = sessions.find(cookie);
  const key = session && keyOf(session, accounts);
  if (session === undefined || key === undefined) return undefined;
  context.env?.admit?.();
  const { user } = session;
  context.set("user", user);
  context.set("key", key);
  context.set("permit", {
    holds: (look) =>
      look.hasKey(user, key, PAGE_SCOPES) && sessions.has(session),
  });
  context.set("csrfToken", String(session.csrfToken));
  return { session, key };
}

/** The key of a session. A session ends with its key, with its user, and when the user becomes a service account. */
function keyOf(
  { user, key }: WebSession,
  accounts: SignInOptions["accounts"],
): VerifiedKey | undefined {
  const role = accounts.findUser(user)?.role;
  if (role === undefined || role === "service") return undefined;
  const found = accounts.findKey(user, key.name);
  return found?.id === key.id ? found : undefined;
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
function safePath(next = "/"): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}

interface SignInView {
  readonly next: string;
  readonly username?: string;
  /** Why the last attempt failed. */
  readonly refusal?: string | undefined;
}

function renderSignIn(
  { next, username = "", refusal }: SignInView,
): Markup {
  return html`
    <div class="centered">
    <h1>Sign in</h1>
    ${refusal === undefined
      ? ""
      : html`<p class="note" role="alert">${refusal}</p>`}
    <form method="post" action="/login" class="panel card">
      <input type="hidden" name="next" value="${next}">
      <label for="username">User name</label>
      <input id="username" name="username" value="${username}" required autofocus
        autocomplete="username" autocapitalize="none" spellcheck="false">
      <label for="key">Access key</label>
      <input id="key" name="key" type="password" required
        autocomplete="current-password">
      <button class="primary">Sign in</button>
    </form>
    <p class="hint">
      No access key yet? On the server, <code>sallyport user add NAME</code>
      creates a user and prints one.
    </p>
    </div>
  `;
}
