/**
 * Promise: what comes back from the identity provider signs in only the browser
 * that began there, once. Nobody but the provider ends sessions in its name, and
 * sign-ins that nobody finishes use up nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { startServerProgram } from "../system/programs.ts";
import { person, TestIdentityProvider } from "../testing/identity_provider.ts";
import { Visitor } from "../testing/visitor.ts";

const CALLBACK = "/login/oidc/callback";

/** A server program, its provider, and where its CA is. */
async function open(): Promise<
  AsyncDisposable & {
    readonly provider: TestIdentityProvider;
    readonly url: string;
    readonly ca: string;
  }
> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await TestIdentityProvider.start());
  provider.person = person("jo", "testers");
  const secret = await Deno.makeTempFile();
  stack.defer(() => Deno.remove(secret));
  await Deno.writeTextFile(secret, `${TestIdentityProvider.secret}\n`);
  const { clientId } = provider.options();
  const server = stack.use(
    await startServerProgram({
      args: [
        `--oidc-issuer=${provider.issuer}`,
        `--oidc-client-id=${clientId}`,
        `--oidc-client-secret-file=${secret}`,
        "--oidc-groups=testers=member/web",
      ],
    }),
  );
  await server.process.event("identity provider can be used");
  const parts = stack.move();
  return {
    ...{ provider, url: `${server.url}/` },
    ca: await Deno.readTextFile(server.caFile),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Goes to the provider, and stops before the way back. */
async function untilCallback(visitor: Visitor, url: string): Promise<URL> {
  let at = await visitor.step(`${url}login/oidc`);
  for (;;) {
    const next = new URL(at.headers.get("location") ?? "", at.url);
    if (next.pathname === CALLBACK) return next;
    at = await visitor.step(next);
  }
}

Deno.test("a way back that somebody else was given signs nobody in", async () => {
  await using world = await open();
  using eve = new Visitor(world.ca);
  using jo = new Visitor(world.ca);

  // Eve's account in Jo's browser, and Jo's in Eve's.
  const ofEve = await untilCallback(eve, world.url);
  const ofJo = await untilCallback(jo, world.url);
  const [forced, stolen] = [await jo.step(ofEve), await eve.step(ofJo)];
  const mixed = new URL(ofJo);
  mixed.searchParams.set("code", ofEve.searchParams.get("code") ?? "");
  const swapped = await jo.step(mixed);

  assert.deepEqual([forced.status, stolen.status], [403, 403]);
  assert.notEqual(swapped.status, 200);
  for (const browser of [eve, jo]) {
    const page = await browser.step(`${world.url}keys`);
    assert.equal(page.status, 303);
  }
});

Deno.test("only the provider ends sessions in its name, and each word of it counts once", async () => {
  await using world = await open();
  const { provider, url } = world;
  using jo = new Visitor(world.ca);
  await jo.open(`${url}login/oidc`);
  const send = async (token: string) => {
    const page = await jo.step(`${url}login/oidc/logout`, {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }),
    });
    return page.status;
  };
  const isSignedIn = async () => (await jo.step(`${url}keys`)).status === 200;
  const good = await provider.logoutToken();
  const [head = "", claims = ""] = good.split(".");
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replace(/=+$/, "");
  const none = encode({ alg: "none", typ: "logout+jwt" });
  const hmac = encode({ alg: "HS256", typ: "logout+jwt" });
  const mac = createHmac("sha256", TestIdentityProvider.secret)
    .update(`${hmac}.${claims}`).digest("base64url");
  const now = Math.floor(Date.now() / 1000);

  const forged = [
    "",
    "x",
    `${none}.${claims}.`,
    `${hmac}.${claims}.${mac}`,
    `${head}.${claims}.${"A".repeat(86)}`,
    await provider.logoutToken({ aud: "another-client" }),
    await provider.logoutToken({ iss: "https://evil.test" }),
    await provider.logoutToken({ events: {} }),
    await provider.logoutToken({ nonce: "n" }),
    await provider.logoutToken({ sub: undefined, sid: undefined }),
    await provider.logoutToken({ iat: now - 3_600 }),
    await provider.logoutToken({ exp: now - 3_600 }),
    await provider.logoutToken({ jti: undefined }),
  ];
  for (const token of forged) assert.equal(await send(token), 400, token);
  assert.ok(await isSignedIn());
  assert.equal(await send(await provider.logoutToken({ sub: "other" })), 200);
  assert.ok(await isSignedIn());

  assert.equal(await send(good), 200);
  assert.ok(!await isSignedIn());
  await jo.open(`${url}login/oidc`);
  assert.equal(await send(good), 400);
  assert.ok(await isSignedIn());
});

Deno.test("sign-ins that nobody finishes keep nobody out", async () => {
  await using world = await open();
  using stranger = new Visitor(world.ca);
  using jo = new Visitor(world.ca);
  const early = await untilCallback(jo, world.url);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 25 }, () => stranger.step(`${world.url}login/oidc`)),
    );
  }

  const asked = world.provider.requests.filter((each) =>
    each.startsWith("POST")
  );
  assert.deepEqual(asked, [], "strangers make no calls to the provider");
  // The oldest of this address have made room.
  assert.equal((await jo.step(early)).status, 403);
  const page = await jo.open(`${world.url}login/oidc`);
  assert.match(page.text, /Signed in as<\/span> <b>jo/);
});
