/** The cookies of signing in. `__Host-`: this host alone sets them, over TLS, for all paths. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { MAX_LIFETIME } from "./web_sessions.ts";

const SESSION = "__Host-sallyport";
/** Says that the browser signs in at the identity provider. It opens nothing. */
const HINT = "__Host-sallyport-provider";
/** Binds a sign-in that is under way to the browser. */
const PENDING = "__Host-sallyport-sign-in";

const COMMON = { path: "/", secure: true, httpOnly: true } as const;

/** The cookie of the session, if the browser has one. */
export function sessionCookie(context: Context): string | undefined {
  return getCookie(context, SESSION);
}

/** Has the browser keep the cookie of its session. Pages of other sites cannot send it. */
export function setSessionCookie(context: Context, value: string): void {
  setCookie(context, SESSION, value, {
    ...COMMON,
    sameSite: "Strict",
    maxAge: MAX_LIFETIME / 1000,
  });
}

/** Whether the browser signed in at the identity provider last. */
export function hasHint(context: Context): boolean {
  return getCookie(context, HINT) !== undefined;
}

/** Has the browser go to the identity provider by itself when its session is over. */
export function setHint(context: Context): void {
  setCookie(context, HINT, "1", {
    ...COMMON,
    sameSite: "Lax",
    maxAge: MAX_LIFETIME / 1000,
  });
}

/** Ends that. */
export function clearHint(context: Context): void {
  if (hasHint(context)) deleteCookie(context, HINT, COMMON);
}

/** Signs the browser out. */
export function clearCookies(context: Context): void {
  deleteCookie(context, SESSION, COMMON);
  clearHint(context);
}

/** The secret of a browser with sign-ins under way. */
export function pendingCookie(context: Context): string | undefined {
  return getCookie(context, PENDING);
}

/** Has the browser keep it. The provider sends the browser back from its own site, so `Strict` is too much. */
export function setPendingCookie(
  context: Context,
  value: string,
  maxAge: number,
): void {
  setCookie(context, PENDING, value, { ...COMMON, sameSite: "Lax", maxAge });
}
