/**
 * An organization that has people and an admin keeps one: a small oracle that
 * REST API and command line agree with, whatever is tried in whatever order.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Role, ROLES } from "../../src/api/resources/account_types.ts";
import {
  AccountError,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import { RestWorld } from "./rest_world.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const RUNS = 60;

const LAST = (verb: string) => ({
  code: "lastAdmin",
  message:
    `Cannot ${verb} user "ann": organization "default" has no other admin, appoint one first with "sallyport user set NAME --role admin"`,
});

Deno.test("the last admin of people stays, in every way to lose them, and nothing is written", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.organizations.add("acme");
  await accounts.addUser("ann");
  await accounts.addUser("bob");
  const rows = (await accounts.audit.read({ limit: 9 })).length;

  for (const role of ["member", "team-admin", "service"] as const) {
    await assert.rejects(
      () => accounts.setMembership("ann", { role }),
      LAST("change"),
    );
  }
  await assert.rejects(
    () =>
      accounts.setMembership("ann", { organization: "acme", role: "admin" }),
    LAST("change"),
  );
  await assert.rejects(() => accounts.removeUser("ann"), LAST("remove"));
  assert.equal(accounts.findUser("ann")?.role, "admin");
  assert.equal((await accounts.audit.read({ limit: 9 })).length, rows);
  await accounts.setMembership("ann", { team: "web" });
  await accounts.setMembership("bob", { role: "admin" });
  await accounts.setMembership("ann", { role: "member" });

  assert.equal(await accounts.removeUser("ann"), true);
});

Deno.test("a user who is alone may leave, and may be a program", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.organizations.add("acme");
  await accounts.addUser("ann");
  await accounts.addUser("ci", { role: "service" });

  await assert.rejects(
    () => accounts.setMembership("ann", { role: "member" }),
    {
      code: "lastAdmin",
    },
  );
  await accounts.setMembership("ann", { organization: "acme", role: "admin" });
  await accounts.setMembership("ann", { role: "service" });

  assert.equal(await accounts.removeUser("ann"), true);
});

interface Person {
  readonly organization: string;
  readonly role: Role;
}

interface Step {
  /** Who does it by REST; the operator at the command line if none. */
  readonly by: string | undefined;
  readonly whom: string;
  /** What becomes of them; they are removed if nothing does. */
  readonly role: Role | undefined;
  /** Where they go, if the operator does it. */
  readonly organization: string | undefined;
}

const NAMES = ["ann", "bob", "carl", "dora"] as const;

const step: fc.Arbitrary<Step> = fc.record({
  by: fc.constantFrom(undefined, undefined, ...NAMES),
  whom: fc.constantFrom(...NAMES),
  role: fc.constantFrom(undefined, ...ROLES),
  organization: fc.constantFrom(undefined, "default", "acme"),
});

/** The rules in few words. */
class Oracle {
  readonly people = new Map<string, Person>();

  /** Says whether it is done, and does it. */
  take({ by, whom, role, organization }: Step): boolean {
    const before = this.people.get(whom);
    if (before === undefined) return false;
    const actor = by === undefined ? undefined : this.people.get(by);
    if (by !== undefined) {
      if (actor?.role !== "admin" || by === whom) return false;
      if (actor.organization !== before.organization) return false;
    }
    const place = by === undefined ? organization : undefined;
    const after = new Map(this.people);
    if (role === undefined) after.delete(whom);
    else after.set(whom, { organization: place ?? before.organization, role });
    const left = [...after.values()]
      .filter((each) => each.organization === before.organization);
    const loses = before.role === "admin" &&
      left.some((each) => each.role !== "service") &&
      left.every((each) => each.role !== "admin");
    if (loses) return false;
    this.people.clear();
    for (const [name, person] of after) this.people.set(name, person);
    return true;
  }
}

/** Does it for real; says whether it was done. */
async function take(
  world: RestWorld,
  { by, whom, role, organization }: Step,
): Promise<boolean> {
  if (by !== undefined) {
    const call = { user: by, method: role === undefined ? "DELETE" : "POST" };
    const body = role === undefined ? {} : { body: { role } };
    const response = await world.call(`${by}/users/${whom}`, {
      ...call,
      ...body,
    });
    await response.body?.cancel();
    // 401: who asks has been removed.
    assert.ok([200, 400, 401, 403, 404].includes(response.status));
    return response.ok;
  }
  try {
    if (role === undefined) return await world.accounts.removeUser(whom);
    await world.accounts.setMembership(whom, {
      role,
      ...organization === undefined ? {} : { organization },
    });
    return true;
  } catch (error) {
    assert.ok(error instanceof AccountError);
    return false;
  }
}

Deno.test("REST API, command line and oracle agree about who can be changed and removed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      await using world = await RestWorld.open();
      await world.accounts.organizations.add("acme");
      await world.accounts.bootstrap(
        NAMES.map((name) => ({ name, key: name })),
      );
      await world.accounts.setMembership("ann", { role: "admin" });
      const oracle = new Oracle();
      for (const { name, organization, role } of world.accounts.listUsers()) {
        oracle.people.set(name, { organization, role });
      }
      for (const step of steps) {
        assert.equal(
          await take(world, step),
          oracle.take(step),
          JSON.stringify(step),
        );
        const people = world.accounts.listUsers();
        assert.deepEqual(
          people.map(({ name, role }) => [name, role]),
          [...oracle.people].map(([name, { role }]) => [name, role]).toSorted(),
        );
      }
    }),
    { numRuns: RUNS },
  );
});
