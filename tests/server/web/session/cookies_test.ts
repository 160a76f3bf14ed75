/** The cookies of signing in, as a browser has to keep them. */
import assert from "node:assert/strict";
import { type Context, Hono } from "hono";
import {
  clearCookies,
  clearHint,
  hasHint,
  pendingCookie,
  sessionCookie,
  setHint,
  setPendingCookie,
  setSessionCookie,
} from "../../../../src/server/web/session/cookies.ts";
import { MAX_LIFETIME } from "../../../../src/server/web/session/web_sessions.ts";

/** The Set-Cookie lines after `act`, and what it gave. */
async function request<Result>(
  cookie: string,
  act: (context: Context) => Result,
): Promise<readonly [readonly string[], Result]> {
  let result: Result | undefined;
  const app = new Hono();
  app.get("/", (context) => {
    result = act(context);
    return context.text("");
  });
  const response = await app.request("https://lab.test/", {
    headers: { cookie },
  });
  return [response.headers.getSetCookie(), result as Result];
}

const LIFETIME = MAX_LIFETIME / 1000;

Deno.test("the session's cookie stays with this host, over TLS, and away from scripts", async () => {
  const [lines] = await request("", (each) => setSessionCookie(each, "s1"));
  assert.deepEqual(lines, [
    `__Host-sallyport=s1; Max-Age=${LIFETIME}; Path=/; HttpOnly; Secure; ` +
    "SameSite=Strict",
  ]);
});

Deno.test("the hint survives the way back from the provider", async () => {
  const [lines] = await request("", setHint);
  assert.deepEqual(lines, [
    `__Host-sallyport-provider=1; Max-Age=${LIFETIME}; Path=/; HttpOnly; ` +
    "Secure; SameSite=Lax",
  ]);
});

Deno.test("a pending sign-in lasts as long as its limit says", async () => {
  const [lines] = await request("", (each) => setPendingCookie(each, "p", 600));
  assert.deepEqual(lines, [
    "__Host-sallyport-sign-in=p; Max-Age=600; Path=/; HttpOnly; Secure; " +
    "SameSite=Lax",
  ]);
});

Deno.test("each cookie is read by its own name", async () => {
  const cookie = "__Host-sallyport=s1; __Host-sallyport-sign-in=p";
  assert.equal((await request(cookie, sessionCookie))[1], "s1");
  assert.equal((await request(cookie, pendingCookie))[1], "p");
  assert.equal((await request(cookie, hasHint))[1], false);
  const hint = "__Host-sallyport-provider=1";
  assert.equal((await request(hint, hasHint))[1], true);
  assert.equal((await request(hint, sessionCookie))[1], undefined);
  assert.equal((await request("sallyport=s1", sessionCookie))[1], undefined);
});

Deno.test("signing out removes the session, and the hint where there is one", async () => {
  const session = "__Host-sallyport=; Max-Age=0; Path=/; Secure";
  const hint = "__Host-sallyport-provider=; Max-Age=0; Path=/; Secure";
  const known = await request("__Host-sallyport=s1", clearCookies);
  assert.deepEqual(known[0].map(bare), [session]);
  const both = "__Host-sallyport=s1; __Host-sallyport-provider=1";
  assert.deepEqual((await request(both, clearCookies))[0].map(bare), [
    session,
    hint,
  ]);
  assert.deepEqual((await request("", clearHint))[0], []);
  assert.deepEqual((await request(both, clearHint))[0].map(bare), [hint]);
});

/** A browser removes a cookie by name, path and `Secure`. */
function bare(line: string): string {
  return line.replace("; HttpOnly", "");
}
