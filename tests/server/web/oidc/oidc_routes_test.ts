// deno-lint-ignore-file camelcase -- the provider's words
import assert from "node:assert/strict";
import { databasePath } from "../../../../src/config/data_dir.ts";
import {
  type Accounts,
  openAccounts,
} from "../../../../src/server/accounts/accounts.ts";
import type { Server } from "../../../../src/server/server.ts";
import type { OidcOptions } from "../../../../src/server/web/oidc/provider.ts";
import {
  type IdentityProviderOptions,
  person,
  TestIdentityProvider,
} from "../../../testing/identity_provider.ts";
import { startTestServer } from "../../../testing/running_system.ts";
import { USER } from "../../../testing/user.ts";
import { Visitor } from "../../../testing/visitor.ts";

/** A server, its provider, and its accounts. */
interface World extends AsyncDisposable {
  readonly provider: TestIdentityProvider;
  readonly server: Server;
  readonly accounts: Accounts;
  readonly visitor: Visitor;
  /** The page at which a sign-in ends. */
  signIn(next?: string): ReturnType<Visitor["open"]>;
}

async function open(
  changes: Partial<OidcOptions> = {},
  options: IdentityProviderOptions = {},
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await TestIdentityProvider.start(options));
  const dataDir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dataDir, { recursive: true }));
  const server = stack.use(
    await startTestServer({ dataDir, oidc: provider.options(changes) }),
  );
  const accounts = stack.use(openAccounts(databasePath(dataDir)));
  const visitor = stack.use(new Visitor(server.ca?.pem ?? ""));
  const parts = stack.move();
  return {
    ...{ provider, server, accounts, visitor },
    signIn: (next = "/") =>
      visitor.open(`${server.url}login/oidc?next=${encodeURIComponent(next)}`),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const SESSION = "__Host-sallyport";

function cookieOf({ visitor, server }: World): string | undefined {
  return visitor.cookies.get(new URL(server.url).origin)?.get(SESSION);
}

Deno.test("people sign in at the provider, and become users with role and team of their first group", async () => {
  await using world = await open();
  const { provider, accounts } = world;
  provider.person = person("jo", "testers", "web-testers");

  const page = await world.signIn("/keys");

  assert.equal(page.url.pathname, "/keys");
  assert.match(page.text, /Signed in as<\/span> <b>jo/);
  const { role, team, identity, organization } = accounts.findUser("jo") ?? {};
  assert.deepEqual([role, team, organization], ["member", "web", "default"]);
  assert.equal(identity?.subject, "subject-of-jo");
  assert.deepEqual(accounts.listKeys("jo"), []);
  const entries = await accounts.audit.read({ user: "jo", limit: 10 });
  assert.deepEqual(entries.map(({ action, by }) => [action, by.user, by.key]), [
    ["signed_in", "jo", "(sign-in)"],
    ["user_added", "(provider)", ""],
  ]);
});

Deno.test("a later sign-in takes over new groups, and keeps name and keys", async () => {
  await using world = await open();
  const { provider, accounts, server } = world;
  provider.person = person("jo", "testers");
  await world.signIn();
  const key = await accounts.addKey("jo", { name: "ci" });
  const renamed = person("josephine", "admins");
  provider.person = { ...renamed, subject: "subject-of-jo" };
  using other = new Visitor(server.ca?.pem ?? "");

  const page = await other.open(`${server.url}login/oidc`);

  assert.match(page.text, /<b>jo<\/b>/);
  assert.equal(accounts.findUser("jo")?.role, "admin");
  assert.equal(accounts.findUser("josephine"), undefined);
  assert.ok(await accounts.lookUp("jo", key).verify());
});

Deno.test("nobody gets in without a group that may, and who lost it loses keys too", async () => {
  await using world = await open();
  const { provider, accounts } = world;
  provider.person = person("ada", "cooks");

  const refused = await world.signIn();

  assert.equal(refused.status, 403);
  assert.match(
    refused.text,
    /none of your groups at the identity provider may/,
  );
  assert.equal(accounts.findUser("ada"), undefined);
  assert.equal(cookieOf(world), undefined);
  const [entry] = await accounts.audit.read({ limit: 1 });
  assert.equal(entry?.action, "sign_in_refused");
  provider.person = person("ada", "testers");
  await world.signIn();
  const key = await accounts.addKey("ada", { name: "ci" });
  provider.person = person("ada", "cooks");
  await world.signIn();
  assert.equal(await accounts.lookUp("ada", key).verify(), undefined);
  assert.equal(accounts.findUser("ada")?.disabled, "provider");
  provider.person = person("ada", "testers");
  await world.signIn();

  assert.ok(await accounts.lookUp("ada", key).verify());
});

Deno.test("the group * lets everybody in whom the provider signs in", async () => {
  const all = { group: "*", role: "member" } as const;
  await using world = await open({
    groups: [{ ...all, organization: undefined, team: undefined }],
  });
  world.provider.person = {
    subject: "1",
    claims: { preferred_username: "ada" },
  };

  const page = await world.signIn();

  assert.equal(page.status, 200);
  assert.equal(world.accounts.findUser("ada")?.role, "member");
});

Deno.test.each<[string, unknown, RegExp]>([
  ["a local user's name", "demo", /another user of this server has this name/],
  ["a name with a space", "Jo Doe", /a name has 1 to 64 letters/],
  ["no name", undefined, /tells no name of you \(claim &quot;preferred/],
])("the provider says %s: the page says what to do", async (_, name, words) => {
  await using world = await open();
  const claims = { preferred_username: name, groups: ["testers"] };
  world.provider.person = { subject: "1", claims };

  const page = await world.signIn();

  assert.notEqual(page.status, 200);
  assert.match(page.text, words);
  assert.equal(cookieOf(world), undefined);
});

Deno.test("a person whom the provider refuses reads it, and may try again", async () => {
  await using world = await open();

  const page = await world.signIn("/keys");

  assert.equal(page.status, 403);
  assert.match(page.text, /did not let you in/);
  assert.match(page.text, /href="\/login\/oidc\?next=%2Fkeys"/);
});

Deno.test("a wrong secret is the operator's fault, and the page says so", async () => {
  await using world = await open({
    readClientSecret: () => Promise.resolve("wrong"),
  });
  world.provider.person = person("jo", "testers");

  const page = await world.signIn();

  assert.equal(page.status, 503);
  assert.match(
    page.text,
    /must check --oidc-client-id and --oidc-client-secret-file/,
  );
});

for (
  const next of ["https://evil.test/", "//evil.test", "/\\evil.test", "/a\r\nb"]
) {
  Deno.test(`the way back leads nowhere else: ${JSON.stringify(next)}`, async () => {
    await using world = await open();
    world.provider.person = person("jo", "testers");

    const page = await world.signIn(next);

    assert.equal(page.url.pathname, "/");
    assert.equal(page.url.origin, new URL(world.server.url).origin);
  });
}

Deno.test("the way back works once, in the browser that began it", async () => {
  await using world = await open();
  const { provider, server, visitor } = world;
  provider.person = person("jo", "testers");
  let at = await visitor.step(`${server.url}login/oidc`);
  for (;;) {
    const next = new URL(at.headers.get("location") ?? "", at.url);
    if (next.pathname === "/login/oidc/callback") {
      at = { ...at, url: next };
      break;
    }
    at = await visitor.step(next);
  }
  using eve = new Visitor(server.ca?.pem ?? "");

  const stolen = await eve.step(at.url);
  const own = await visitor.step(at.url);
  const again = await visitor.step(at.url);

  assert.deepEqual([stolen.status, own.status, again.status], [403, 200, 403]);
  assert.match(stolen.text, /was not begun in this browser/);
  assert.equal(eve.cookies.get(at.url.origin)?.get(SESSION), undefined);
});

Deno.test("a session from before the sign-in is another one afterwards", async () => {
  await using world = await open();
  const { provider, server, visitor } = world;
  const { origin } = new URL(server.url);
  visitor.cookies.set(origin, new Map([[SESSION, "fixed.by-somebody-else"]]));
  provider.person = person("jo", "testers");

  await world.signIn();
  const first = cookieOf(world);
  await world.signIn();

  assert.notEqual(first, "fixed.by-somebody-else");
  assert.notEqual(cookieOf(world), first);
});

Deno.test("without a session the browser goes to the provider by itself, unless it signed out", async () => {
  await using world = await open();
  const { provider, server, visitor } = world;
  const { origin } = new URL(server.url);
  provider.person = person("jo", "testers");
  await world.signIn();
  visitor.cookies.get(origin)?.delete(SESSION);

  const back = await visitor.open(`${server.url}keys`);
  assert.equal(back.url.pathname, "/keys");
  assert.ok(visitor.path.includes("/login/oidc/callback"), `${visitor.path}`);
  await visitor.send(back, "/logout");
  const after = await visitor.open(`${server.url}keys`);

  assert.equal(after.url.pathname, "/login");
});

Deno.test("signing out leads to the provider, with the session's ID token", async () => {
  await using world = await open();
  const { provider, visitor } = world;
  provider.person = person("jo", "testers");
  const page = await world.signIn();

  const out = await visitor.send(page, "/logout");

  assert.equal(out.url.origin, provider.issuer);
  assert.equal(out.url.pathname, "/session/end");
  assert.equal(
    out.url.searchParams.get("post_logout_redirect_uri"),
    `${new URL(world.server.url).origin}/login`,
  );
  assert.ok(out.url.searchParams.get("id_token_hint"));
  assert.match(out.text, /Sign out/);
});

Deno.test("the provider's own sign-out ends the session here at once", async () => {
  await using world = await open();
  const { provider, server, visitor } = world;
  provider.logoutTo = { url: server.url, ca: server.ca?.pem ?? "" };
  provider.person = person("jo", "testers");
  const page = await world.signIn();
  assert.equal((await visitor.step(`${server.url}keys`)).status, 200);
  using elsewhere = new Visitor();
  elsewhere.cookies.set(
    provider.issuer,
    new Map(visitor.cookies.get(provider.issuer)),
  );

  const ask = await elsewhere.open(`${provider.issuer}/session/end`);
  await elsewhere.send(ask, "/session/end/confirm", { logout: "yes" });
  const after = await visitor.step(`${server.url}keys`);

  assert.ok(page.text.includes("Signed in as"));
  assert.equal(after.status, 303);
});

Deno.test("a user who is removed or disabled is signed out, and is not signed in again", async () => {
  await using world = await open();
  const { provider, accounts, server, visitor } = world;
  provider.person = person("jo", "testers");
  await world.signIn();
  await accounts.setDisabled("jo", true);

  assert.equal((await visitor.step(`${server.url}keys`)).status, 303);
  const refused = await world.signIn();

  assert.equal(refused.status, 403);
  assert.match(refused.text, /an admin of this server has disabled the user/);
});

Deno.test("while the provider cannot be reached keys work, and pages and /readyz say what is wrong", async () => {
  const provider = await TestIdentityProvider.start();
  const { port } = new URL(provider.issuer);
  await provider[Symbol.asyncDispose]();
  await using server = await startTestServer({ oidc: provider.options() });
  using visitor = new Visitor(server.ca?.pem ?? "");

  const page = await visitor.open(`${server.url}login/oidc`);
  const ready = await visitor.open(`${server.url}readyz`);
  const form = await visitor.open(`${server.url}login`);
  const home = await visitor.send(form, "/login", {
    username: USER.name,
    key: USER.key,
  });

  assert.equal(page.status, 503);
  assert.match(page.text, /cannot be reached: connection refused/);
  assert.equal(ready.status, 200);
  assert.match(ready.text, /^OK\nidentity provider: Cannot sign in at 127/);
  assert.match(home.text, /Signed in as/);
  await using again = await TestIdentityProvider.start({}, Number(port));
  again.person = person("jo", "testers");
  using other = new Visitor(server.ca?.pem ?? "");
  const back = await other.open(`${server.url}login/oidc`);
  assert.equal(back.status, 200, back.text);
});
