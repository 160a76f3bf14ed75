/**
 * Who may see, use and stop what: random users, organizations, teams, roles,
 * shares and keys, and a small oracle that REST API and proxy port agree with.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  KEY_SCOPES,
  type KeyScope,
  type Role,
  ROLES,
} from "../../src/api/resources/account_types.ts";
import { formatBasicCredentials } from "../../src/http/basic_credentials.ts";
import { LoginGuard } from "../../src/server/accounts/login_guard.ts";
import { Prober } from "../../src/server/proxy/probe.ts";
import { authorizeByCredentials } from "../../src/server/proxy/authorize.ts";
import { RestWorld } from "./rest_world.ts";

interface Person {
  readonly organization: string;
  readonly team: string | undefined;
  readonly role: Role;
}

interface Line {
  readonly owner: string;
  readonly name: string;
  readonly shared: "" | "all";
}

/** What the world is made from: plain facts, which the oracle reads too. */
interface Facts {
  readonly people: Readonly<Record<string, Person>>;
  readonly lines: readonly Line[];
}

const NAMES = ["ann", "bob", "carl", "dora"] as const;
const RUNS = 40;

const person: fc.Arbitrary<Person> = fc.record({
  organization: fc.constantFrom("default", "acme"),
  team: fc.constantFrom(undefined, "web", "app"),
  role: fc.constantFrom(...ROLES),
});

const facts: fc.Arbitrary<Facts> = fc.record({
  people: fc.record({ ann: person, bob: person, carl: person, dora: person }),
  lines: fc.uniqueArray(
    fc.record({
      owner: fc.constantFrom(...NAMES),
      name: fc.constantFrom("shop", "lab"),
      shared: fc.constantFrom("", "all"),
    }),
    { maxLength: 6, selector: ({ owner, name }) => `${owner}+${name}` },
  ),
});

/** The rules once more, in as few words as they have. */
class Oracle {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  uses(user: string, { owner, shared }: Line): boolean {
    return user === owner ||
      (shared === "all" && this.#areTogether(user, owner));
  }

  stops(user: string, { owner }: Line): boolean {
    if (user === owner) return true;
    if (!this.#areTogether(user, owner)) return false;
    const { role, team } = this.#of(user);
    if (role === "admin") return true;
    return role === "team-admin" && team !== undefined &&
      team === this.#of(owner).team;
  }

  sees(user: string, line: Line): boolean {
    return this.uses(user, line) || this.stops(user, line);
  }

  /** Owners of what `user+text` opens at the proxy port. */
  opens(user: string, text: string): readonly string[] {
    const usable = this.#facts.lines.filter((line) => this.uses(user, line));
    const own = usable.filter(({ owner, name }) =>
      owner === user && name === text
    );
    if (own.length > 0) return [user];
    const owners = usable
      .filter(({ shared }) => shared === "all")
      .filter(({ owner, name }) => name === text || `${owner}+${name}` === text)
      .map(({ owner }) => owner);
    return new Set(owners).size === 1 ? owners : [];
  }

  #areTogether(one: string, other: string): boolean {
    return this.#of(one).organization === this.#of(other).organization;
  }

  #of(name: string): Person {
    const found = this.#facts.people[name];
    assert.ok(found);
    return found;
  }
}

/** The same for real. */
class Reality implements AsyncDisposable {
  readonly #world: RestWorld;
  readonly #keys = new Map<string, string>();
  readonly ids = new Map<Line, string>();

  private constructor(world: RestWorld) {
    this.#world = world;
  }

  static async of({ people, lines }: Facts): Promise<Reality> {
    const world = await RestWorld.open();
    const reality = new Reality(world);
    await world.accounts.organizations.add("acme");
    // With an admin who stays, everybody else can be made everything.
    for (const organization of ["default", "acme"]) {
      const place = { organization, role: "admin" } as const;
      await world.accounts.addUser(`keeper.${organization}`, place);
    }
    for (const [name, place] of Object.entries(people)) {
      if (!world.accounts.hasUser(name)) await world.accounts.addUser(name);
      await world.accounts.setMembership(name, place);
      for (const scope of KEY_SCOPES) {
        const wanted = { name: `of-${scope}`, scope };
        const key = await world.accounts.addKey(name, wanted);
        reality.#keys.set(`${name} ${scope}`, key);
      }
    }
    for (const line of lines) {
      reality.ids.set(line, world.registry.create(line).tunnel.id);
    }
    return reality;
  }

  /** The status of the response to a request for a tunnel. */
  async status(
    method: string,
    line: Line,
    { user, scope, below = "" }: {
      readonly user: string;
      readonly scope: KeyScope;
      /** What of the tunnel is requested. */
      readonly below?: "" | "/jobs" | "/num_jobs";
    },
  ): Promise<number> {
    const id = this.ids.get(line);
    const key = this.#keys.get(`${user} ${scope}`) ?? "";
    const path = `${user}/tunnels/${id}${below}`;
    return (await this.#world.call(path, { method, user, key })).status;
  }

  /** Ids in a list. */
  async list(user: string, query: string): Promise<readonly string[]> {
    const key = this.#keys.get(`${user} read`) ?? "";
    const path = `${user}/tunnels${query}`;
    const listed: unknown = await (await this.#world.call(path, { user, key }))
      .json();
    assert.ok(typeof listed === "object" && listed !== null);
    return Object.values(listed).flat().toSorted();
  }

  /** Owners of what credentials open, or why they open nothing. */
  async opens(
    user: string,
    text: string,
    scope: KeyScope,
  ): Promise<readonly string[] | string> {
    const { accounts, registry } = this.#world;
    const password = this.#keys.get(`${user} ${scope}`) ?? "";
    const username = `${user}+${text}`;
    const options = { accounts, registry, prober: new Prober() };
    try {
      const { tunnels } = await authorizeByCredentials(
        formatBasicCredentials({ username, password }),
        { address: "192.0.2.1" },
        { ...options, guard: new LoginGuard(accounts) },
      );
      return tunnels().map(({ owner }) => owner);
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error);
      return String(error.code);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }
}

Deno.test("REST API and oracle agree about who sees which tunnel, with which key", async () => {
  await fc.assert(
    fc.asyncProperty(facts, async (facts) => {
      const oracle = new Oracle(facts);
      await using reality = await Reality.of(facts);
      for (const user of NAMES) {
        for (const line of facts.lines) {
          const sees = oracle.sees(user, line) ? 200 : 404;
          const owns = line.owner === user ? 200 : 404;
          const knows = oracle.stops(user, line) ? 200 : 404;
          const seen = { all: sees, read: sees, start: owns, use: 403 };
          const expected = {
            "": seen,
            "/num_jobs": seen,
            "/jobs": { all: knows, read: knows, start: 403, use: 403 },
          };
          for (const scope of KEY_SCOPES) {
            for (const below of ["", "/num_jobs", "/jobs"] as const) {
              assert.equal(
                await reality.status("GET", line, { user, scope, below }),
                expected[below][scope],
                `${user} with ${scope}: ${JSON.stringify(line)}${below}`,
              );
            }
          }
        }
        const idsOf = (is: (line: Line) => boolean) =>
          facts.lines.filter(is).map((line) => reality.ids.get(line))
            .toSorted();
        assert.deepEqual(
          await reality.list(user, ""),
          idsOf((line) => oracle.uses(user, line)),
        );
        assert.deepEqual(
          await reality.list(user, "?all=1"),
          idsOf((line) => oracle.sees(user, line)),
        );
      }
    }),
    { numRuns: RUNS },
  );
});

Deno.test("REST API and oracle agree about who stops which tunnel, with which key", async () => {
  const asked = fc.record({
    user: fc.constantFrom(...NAMES),
    scope: fc.constantFrom(...KEY_SCOPES),
  });
  await fc.assert(
    fc.asyncProperty(facts, asked, async (facts, { user, scope }) => {
      const oracle = new Oracle(facts);
      await using reality = await Reality.of(facts);
      for (const line of facts.lines) {
        const stops = oracle.stops(user, line) ? 200 : 404;
        const owns = line.owner === user ? 200 : 404;
        const expected = { all: stops, start: owns, read: 403, use: 403 };
        assert.equal(
          await reality.status("DELETE", line, { user, scope }),
          expected[scope],
          `${user} with ${scope}: ${JSON.stringify(line)}`,
        );
      }
    }),
    { numRuns: RUNS },
  );
});

Deno.test("proxy port and oracle agree about who uses which tunnel, with which key", async () => {
  await fc.assert(
    fc.asyncProperty(facts, async (facts) => {
      const oracle = new Oracle(facts);
      await using reality = await Reality.of(facts);
      const texts = ["shop", "lab", ...NAMES.map((name) => `${name}+shop`)];
      for (const user of NAMES) {
        for (const text of texts) {
          const owners = oracle.opens(user, text);
          const opened = owners.length > 0 ? owners : "noSuchTunnel";
          for (const scope of KEY_SCOPES) {
            const isFor = scope === "all" || scope === "use";
            assert.deepEqual(
              await reality.opens(user, text, scope),
              isFor ? opened : "scopeDenied",
              `${user}+${text} with ${scope}`,
            );
          }
        }
      }
    }),
    { numRuns: RUNS },
  );
});
