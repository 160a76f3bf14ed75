import assert from "node:assert/strict";
import {
  AccountError,
  type Accounts,
  type CreatedInvitation,
  openAccounts,
} from "../../../../src/server/accounts/accounts.ts";

const HOUR = 3_600_000;

/** Accounts in which Ann is the admin. */
class World implements Disposable {
  now = 1_800_000_000_000;
  readonly accounts: Accounts = openAccounts(":memory:", {
    now: () => this.now,
  });

  static async open(): Promise<World> {
    const world = new World();
    await world.accounts.addUser("ann");
    return world;
  }

  async invite(by = { user: "ann" }): Promise<CreatedInvitation> {
    return await this.accounts.invitations.create({
      organization: "default",
      team: "web",
      role: "team-admin",
      expiresAt: this.now + HOUR,
    }, by);
  }

  [Symbol.dispose](): void {
    this.accounts[Symbol.dispose]();
  }
}

function refusal(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AccountError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
}

Deno.test("an invitation makes one user, with its role and team and a key", async () => {
  using world = await World.open();
  const { invitations } = world.accounts;
  const { token, id } = await world.invite();
  assert.equal((await invitations.check(token)).role, "team-admin");

  const key = await invitations.accept(token, "jo", "192.0.2.1");

  assert.ok(await world.accounts.lookUp("jo", key).verify());
  const { role, team, organization } = world.accounts.findUser("jo") ?? {};
  assert.deepEqual([role, team, organization], [
    "team-admin",
    "web",
    "default",
  ]);
  const over = refusal("invitationOver", /was used already, ask for another/);
  await assert.rejects(() => invitations.check(token), over);
  await assert.rejects(() => invitations.accept(token, "eve"), over);
  assert.equal(world.accounts.hasUser("eve"), false);
  assert.equal((await invitations.find(id))?.usedBy, "jo");
  const entries = await world.accounts.audit.read({ limit: 3 });
  assert.deepEqual(
    entries.map(({ action, by, object }) => [action, by.user, object]),
    [
      ["user_added", "jo", ""],
      ["invitation_used", "jo", id],
      ["invitation_created", "ann", id],
    ],
  );
  assert.ok(!JSON.stringify(entries).includes(token.split(".")[1] ?? ""));
});

Deno.test("a name that is taken uses nothing up", async () => {
  using world = await World.open();
  const { token } = await world.invite();

  await assert.rejects(
    () => world.accounts.invitations.accept(token, "ann"),
    refusal("nameTaken", /the name is taken, choose another/),
  );
  await world.accounts.invitations.accept(token, "jo");

  assert.ok(world.accounts.hasUser("jo"));
});

Deno.test("an invitation ends with its time, by revocation, and with its maker's rights", async () => {
  using world = await World.open();
  const { accounts } = world;
  const { invitations } = accounts;
  const revoked = await world.invite();
  assert.equal(await invitations.revoke(revoked.id), true);
  assert.equal(await invitations.revoke(revoked.id), false);
  const unknown = refusal("noSuchInvitation", /was revoked, or the link/);
  await assert.rejects(() => invitations.check(revoked.token), unknown);
  const { token } = await world.invite();
  for (const other of ["", "x", `${token}x`, token.slice(0, 20)]) {
    await assert.rejects(() => invitations.check(other), unknown);
  }
  await accounts.addUser("joe", { role: "admin" });
  const late = await world.invite();
  const ofJoe = await world.invite({ user: "joe" });
  await accounts.setMembership("joe", { role: "member" });
  await assert.rejects(
    () => invitations.check(ofJoe.token),
    refusal("invitationOver", /somebody who may not invite any more/),
  );
  world.now += HOUR;

  await assert.rejects(
    () => invitations.check(late.token),
    refusal("invitationOver", /has expired, ask for another/),
  );
});

Deno.test("an organization has a hundred open invitations, and others have their own", async () => {
  using world = await World.open();
  await world.accounts.organizations.add("acme");
  for (let count = 0; count < 100; count += 1) await world.invite();

  await assert.rejects(
    () => world.invite(),
    refusal("tooManyInvitations", /has 100 open invitations, revoke one/),
  );
  await world.accounts.invitations.create({
    organization: "acme",
    team: undefined,
    role: "admin",
    expiresAt: world.now + HOUR,
  });
  world.now += HOUR;
  await world.invite();
  assert.equal((await world.accounts.invitations.list("default")).length, 101);
  world.now += 31 * 24 * HOUR;
  await world.invite();

  assert.equal((await world.accounts.invitations.list("default")).length, 1);
});

Deno.test("disabling a user ends every key and leaves the last admin", async () => {
  using world = await World.open();
  const { accounts } = world;
  const key = await accounts.addUser("jo");

  assert.equal(await accounts.setDisabled("jo", true), true);
  assert.equal(await accounts.setDisabled("jo", true), false);
  assert.equal(await accounts.lookUp("jo", key).verify(), undefined);
  assert.equal(accounts.findKey("jo", "default"), undefined);
  await accounts.setDisabled("jo", false);
  assert.ok(await accounts.lookUp("jo", key).verify());

  await assert.rejects(
    () => accounts.setDisabled("ann", true),
    refusal("lastAdmin", /Cannot disable user "ann": .* no other admin/),
  );
  assert.equal(accounts.findUser("ann")?.disabled, undefined);
});
