import assert from "node:assert/strict";
import {
  type Accounts,
  openAccounts,
} from "../../../../src/server/accounts/accounts.ts";
import { ProvidedSessions } from "../../../../src/server/web/oidc/provided_sessions.ts";
import type { ProviderTokens } from "../../../../src/server/web/oidc/provider.ts";
import { ProviderError } from "../../../../src/server/web/oidc/provider_error.ts";
import {
  PROVIDER_KEY,
  WebSessions,
} from "../../../../src/server/web/session/web_sessions.ts";
import { recordLog } from "../../../testing/event_log.ts";
import { ManualClock } from "../../manual_clock.ts";

const MINUTE = 60_000;
const ISSUER = "https://login.test";

/** Sessions at a provider that says what the test wants. */
class World implements Disposable {
  readonly clock: ManualClock = new ManualClock();
  readonly accounts: Accounts = openAccounts(":memory:", {
    now: () => this.clock.now(),
  });
  readonly sessions: WebSessions = new WebSessions(() => this.clock.now());
  renewal: () => ProviderTokens = () => this.tokens();
  asked = 0;
  readonly provided: ProvidedSessions = new ProvidedSessions({
    ...{ sessions: this.sessions, accounts: this.accounts, clock: this.clock },
    provider: {
      options: {
        issuer: ISSUER,
        clientId: "id",
        scopes: [],
        userClaim: "name",
        groupsClaim: "groups",
        groups: [
          rule("admins", "admin"),
          rule("testers", "member"),
        ],
      },
      renew: () => {
        this.asked += 1;
        return Promise.resolve().then(() => this.renewal());
      },
    },
  });

  tokens(changes: Partial<ProviderTokens> = {}): ProviderTokens {
    return {
      identity: { issuer: ISSUER, subject: "1" },
      sid: "session-1",
      claims: { name: "jo", groups: ["testers"] },
      idToken: "id-token",
      expiresAt: this.clock.now() + 60 * MINUTE,
      refreshToken: "refresh",
      ...changes,
    };
  }

  /** Signs in, and returns whether the session is still there. */
  async signIn(
    tokens: ProviderTokens = this.tokens(),
    user = "jo",
  ): Promise<() => boolean> {
    const { identity } = tokens;
    await this.accounts.external.signIn({
      identity,
      name: user,
      membership: { organization: "default", team: undefined, role: "member" },
    });
    const cookie = this.sessions.begin({
      user,
      key: { id: "", name: PROVIDER_KEY, scope: "all" },
      provider: this.provided.begin(tokens),
    });
    return () => this.sessions.find(cookie) !== undefined;
  }

  /** Lets time pass, and the provider say what it is asked. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.provided.look();
  }

  [Symbol.dispose](): void {
    this.provided[Symbol.dispose]();
    this.accounts[Symbol.dispose]();
  }
}

function rule(group: string, role: "admin" | "member"): {
  readonly group: string;
  readonly role: "admin" | "member";
  readonly organization: undefined;
  readonly team: undefined;
} {
  return { group, role, organization: undefined, team: undefined };
}

Deno.test("without a refresh token a session ends with its ID token", async () => {
  using world = new World();
  const isThere = await world.signIn(world.tokens({ refreshToken: undefined }));

  await world.pass(59 * MINUTE);
  assert.equal(isThere(), true);
  await world.pass(MINUTE);

  assert.equal(isThere(), false);
  assert.equal(world.asked, 0);
});

Deno.test("a session with a refresh token is renewed every five minutes", async () => {
  using world = new World();
  const isThere = await world.signIn();

  for (let at = 0; at < 12; at += 1) await world.pass(5 * MINUTE);

  assert.equal(isThere(), true);
  assert.equal(world.asked, 12);
});

Deno.test("a session ends when the provider renews it no more", async () => {
  using world = new World();
  const isThere = await world.signIn();
  world.renewal = () => {
    throw new ProviderError("ended", "Cannot sign in: it is over");
  };

  await world.pass(5 * MINUTE);

  assert.equal(isThere(), false);
  assert.equal(world.accounts.findUser("jo")?.disabled, undefined);
  const [entry] = await world.accounts.audit.read({ user: "jo", limit: 1 });
  assert.equal(entry?.action, "signed_out");
});

Deno.test("while the provider does not respond a session goes on for a quarter of an hour more", async () => {
  await using log = await recordLog();
  using world = new World();
  const isThere = await world.signIn();
  world.renewal = () => {
    throw new ProviderError("unreachable", "Cannot sign in: nobody is there");
  };

  await world.pass(5 * MINUTE);
  await log.seen("failed to renew session", { user: "jo" });
  assert.equal(isThere(), true);
  await world.pass(14 * MINUTE);
  assert.equal(isThere(), true);
  await world.pass(MINUTE);

  assert.equal(isThere(), false);
});

Deno.test("a renewal takes over new groups", async () => {
  using world = new World();
  const isThere = await world.signIn();
  const claims = { name: "jo", groups: ["admins"] };
  world.renewal = () => world.tokens({ claims });

  await world.pass(5 * MINUTE);

  assert.equal(isThere(), true);
  assert.equal(world.accounts.findUser("jo")?.role, "admin");
});

Deno.test("a renewal without a group that may sign in disables the user, whose keys end", async () => {
  using world = new World();
  const isThere = await world.signIn();
  const key = await world.accounts.addKey("jo", { name: "ci" });
  assert.ok(await world.accounts.lookUp("jo", key).verify());
  world.renewal = () => world.tokens({ claims: { groups: [] } });

  await world.pass(5 * MINUTE);

  assert.equal(isThere(), false);
  assert.equal(world.accounts.findUser("jo")?.disabled, "provider");
  assert.equal(await world.accounts.lookUp("jo", key).verify(), undefined);
  assert.equal(world.accounts.findKey("jo", "ci"), undefined);
});

Deno.test("a renewal that says nothing of groups changes none", async () => {
  using world = new World();
  const isThere = await world.signIn();
  world.renewal = () => world.tokens({ claims: {}, refreshToken: undefined });

  await world.pass(5 * MINUTE);
  await world.pass(5 * MINUTE);

  assert.equal(isThere(), true);
  assert.equal(world.asked, 2, "the refresh token stays as it was");
  assert.equal(world.accounts.findUser("jo")?.role, "member");
});

Deno.test("a session of a user whom an admin has disabled is not renewed", async () => {
  using world = new World();
  const isThere = await world.signIn();
  await world.accounts.setDisabled("jo", true);

  await world.pass(5 * MINUTE);

  assert.equal(isThere(), false);
  assert.equal(world.accounts.findUser("jo")?.disabled, "admin");
});

Deno.test("a logout ends the session that it names, or all of its user, and none of others", async () => {
  using world = new World();
  const one = await world.signIn();
  const two = await world.signIn(world.tokens({ sid: "session-2" }));
  const identity = { issuer: ISSUER, subject: "2" };
  const other = await world.signIn(
    world.tokens({ identity, sid: "session-3" }),
    "ada",
  );
  const later = world.clock.now() + 1_000;
  const ended = { issuer: ISSUER, subject: "1", sid: "session-2", at: later };

  assert.equal(world.provided.end({ ...ended, issuer: "https://a.test" }), 0);
  assert.equal(world.provided.end({ ...ended, subject: "2" }), 0);
  assert.equal(world.provided.end({ ...ended, at: later - 5_000 }), 0);
  assert.equal(world.provided.end(ended), 1);
  assert.deepEqual([one(), two(), other()], [true, false, true]);
  assert.equal(world.provided.end({ ...ended, sid: undefined }), 1);

  assert.deepEqual([one(), two(), other()], [false, false, true]);
});
