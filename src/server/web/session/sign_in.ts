/**
 * Signing in and out at the page: a form, and a cookie that scripts cannot read
 * and that no other site's page can have sent (RFC 6265bis, SameSite).
 *
 * Programs may give Basic credentials instead, to read pages only.
 *
 * @module
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { html } from "hono/html";
import { Problem } from "../../../api/serving/problem.ts";
import type { Accounts, VerifiedKey } from "../../accounts/accounts.ts";
import {
  authenticateRequest,
  checkScope,
  type UserEnv,
} from "../../rest/authentication.ts";
import type { ApiEnv } from "../../../api/serving/serve.ts";
import type { KeyScope, Role } from "../../../api/resources/account_types.ts";
import type { Login, LoginGuard } from "../../accounts/login_guard.ts";
import type { Permit } from "../../accounts/permission_watcher.ts";
import { readForm } from "../../../web/form.ts";
import type { Markup } from "../../../web/shell.ts";
import { renderLayout } from "../layout.ts";
import {
  isFormOf,
  MAX_LIFETIME,
  type WebSession,
  type WebSessions,
} from "./web_sessions.ts";

/** `__Host-`: set by this very host, over TLS, for all its paths. */
const COOKIE = "__Host-sallyport";

/** Bytes of the form to sign in: anybody can send it. */
const MAX_LOGIN_FORM = 4_096;

/** What pages know about who asks. */
export interface PageEnv extends ApiEnv {
  Variables: UserEnv["Variables"] & {
    /** Whether they may still look at pages. */
    readonly permit: Permit;
    /** What forms of this page carry; empty for programs, which send none. */
    readonly formToken: string;
  };
}

/** Keys that open pages. */
const PAGE_SCOPES: readonly KeyScope[] = ["all", "read"];

/** Where logins are checked and remembered. */
export interface SignInOptions {
  readonly guard: LoginGuard;
  readonly sessions: WebSessions;
  readonly accounts: Pick<Accounts, "audit" | "findKey" | "findUser">;
  readonly version: string;
}

/** `GET` and `POST /login`, `POST /logout`. */
export function signInRoutes(options: SignInOptions): Hono<ApiEnv> {
  const { guard, sessions, accounts } = options;
  const app = new Hono<ApiEnv>();

  app.get("/login", (context) => {
    const next = safePath(context.req.query("next"));
    return context.html(renderSignIn(options.version, { next }));
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
      const page = renderSignIn(options.version, { next, username, refusal });
      return context.html(page, REFUSAL_STATUS[login.outcome]);
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
    if (session) checkForm(session, await readForm(context));
    sessions.end(getCookie(context, COOKIE));
    deleteCookie(context, COOKIE, { path: "/", secure: true });
    return context.redirect("/login", 303);
  });

  return app;
}

/** Of a right key whose scope or user may not sign in, too. */
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

/** Lets signed-in users pass, sends others to the page to sign in, and takes forms only from its own pages. */
export function signedIn(
  { guard, sessions, accounts }: SignInOptions,
): MiddlewareHandler<PageEnv> {
  return createMiddleware<PageEnv>(async function signedIn(context, next) {
    const { req } = context;
    const isRead = req.method === "GET" || req.method === "HEAD";
    const known = recognize(context, { sessions, accounts });
    if (known) {
      if (!isRead) checkForm(known.session, await readForm(context));
      checkScope(known.key, isRead ? ["read"] : []);
    } else if (isRead && req.header("authorization") !== undefined) {
      const { user, key } = await authenticateRequest(context, guard);
      checkScope(key, ["read"]);
      context.set("user", user);
      context.set("key", key);
      context.set("permit", {
        holds: (look) => look.hasKey(user, key, PAGE_SCOPES),
      });
      context.set("formToken", "");
    } else {
      const { pathname, search } = new URL(req.url);
      const from = isRead ? pathname + search : "/";
      return context.redirect(`/login?next=${encodeURIComponent(from)}`, 303);
    }
    await next();
  });
}

/** Lets everybody pass, and says who they are if they are signed in. */
export function maybeSignedIn(
  options: Pick<SignInOptions, "sessions" | "accounts">,
): MiddlewareHandler<PageEnv> {
  return createMiddleware<PageEnv>(async function maybeSignedIn(context, next) {
    recognize(context, options);
    await next();
  });
}

/** Finds who is signed in, and notes it, for what the page says of them. */
function recognize(
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
  context.set("formToken", session.formToken);
  return { session, key };
}

/** The key of a session: it ends with the key, with the user, and when that becomes a program's. */
function keyOf(
  { user, key }: WebSession,
  accounts: SignInOptions["accounts"],
): VerifiedKey | undefined {
  const role = accounts.findUser(user)?.role;
  if (role === undefined || role === "service") return undefined;
  const found = accounts.findKey(user, key.name);
  return found?.id === key.id ? found : undefined;
}

/** Why nobody is signed in, in words for the form. */
function refusalOf(
  login: Login,
  role: Role | undefined,
): string | undefined {
  if (login.outcome === "throttled") {
    return "Too many failures. Wait a minute, then try again.";
  }
  if (login.outcome === "busy") {
    return "Too many people sign in at the moment. Try again in a few seconds.";
  }
  if (login.outcome === "refused") return "User name or access key is wrong.";
  const { scope } = login.key;
  if (scope === "start" || scope === "use") {
    return `This key is of scope “${scope}”: give one of scope “all” or “read”.`;
  }
  return role === "service"
    ? "This is a service account, which has keys only: sign in as a person."
    : undefined;
}

function checkForm(session: WebSession, form: URLSearchParams): void {
  if (isFormOf(session, form.get("token"))) return;
  throw new Problem(
    403,
    "Cannot accept the form: it was not made for you, load the page again",
  );
}

/** A path of this server, whatever the address says: no other site is sent to after signing in. */
function safePath(next = "/"): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}

interface SignInView {
  readonly next: string;
  readonly username?: string;
  /** Why it did not work the last time. */
  readonly refusal?: string | undefined;
}

function renderSignIn(
  version: string,
  { next, username = "", refusal }: SignInView,
): Markup {
  const main = html`
    <div class="alone">
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
      <button class="main">Sign in</button>
    </form>
    <p class="hint">
      You have no access key? On the server, <code>sallyport user add NAME</code>
      makes a user and prints one.
    </p>
    </div>
  `;
  const viewer = {
    user: undefined,
    formToken: "",
    isAdmin: false,
    version,
    path: "/login",
  };
  return renderLayout(viewer, { title: "Sign in", main });
}
