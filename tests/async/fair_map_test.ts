import assert from "node:assert/strict";
import * as fc from "fast-check";
import { FairMap, type Taker } from "../../src/async/fair_map.ts";

const ANN: Taker = { organization: "acme", user: "ann" };
const BOB: Taker = { organization: "acme", user: "bob" };
const JOE: Taker = { organization: "umbrella", user: "joe" };

/** Keys that are there, in order. */
function keysOf<Value>(map: FairMap<Value>): string[] {
  return [...map].map(([key]) => key).toSorted();
}

Deno.test("FairMap: the organization that has taken the most makes room, its oldest entry first", () => {
  const gone: number[] = [];
  const map = new FairMap<number>({
    maxEntries: 3,
    onEvict: (value) => gone.push(value),
  });
  map.set("joe", 0, JOE);
  for (let key = 1; key <= 3; key++) map.set(`ann ${key}`, key, ANN);

  assert.deepEqual(gone, [1]);
  assert.deepEqual(keysOf(map), ["ann 2", "ann 3", "joe"]);
});

Deno.test("FairMap: within an organization the user who has taken the most makes room", () => {
  const map = new FairMap<number>({ maxEntries: 3 });
  map.set("bob", 0, BOB);
  for (let key = 1; key <= 3; key++) map.set(`ann ${key}`, key, ANN);

  assert.deepEqual(keysOf(map), ["ann 2", "ann 3", "bob"]);
});

Deno.test("FairMap: what was used lately stays longer", () => {
  const map = new FairMap<number>({ maxEntries: 2 });
  map.set("first", 1, ANN);
  map.set("second", 2, ANN);

  assert.equal(map.use("first"), 1);
  map.set("third", 3, ANN);

  assert.deepEqual(keysOf(map), ["first", "third"]);
});

Deno.test("FairMap: an offer is refused when it would take from somebody who has no more", () => {
  const map = new FairMap<number>({ maxEntries: 2, maxOfUser: 2 });

  assert.ok(map.offer("ann 1", 1, ANN));
  assert.ok(map.offer("ann 2", 2, ANN));
  assert.ok(!map.offer("ann 3", 3, ANN));
  assert.ok(map.offer("joe 1", 4, JOE));
  assert.ok(!map.offer("joe 2", 5, JOE));
  assert.deepEqual(keysOf(map), ["ann 2", "joe 1"]);
});

/** Something that is done to a table. */
type Step = readonly [
  kind: "set" | "offer" | "use" | "delete",
  key: number,
  taker: Taker,
];

const TAKERS: readonly Taker[] = ["a", "b", "c"].flatMap((organization) =>
  [1, 2, 3].map((user) => ({ organization, user: `${organization}${user}` }))
);

const STEPS = fc.array(
  fc.tuple(
    fc.constantFrom("set", "set", "offer", "use", "delete"),
    fc.nat(60),
    fc.constantFrom(...TAKERS),
  ),
  { maxLength: 300 },
) as fc.Arbitrary<Step[]>;

Deno.test("FairMap: it keeps its bounds, and nobody within a fair share loses anything to others", () => {
  fc.assert(
    fc.property(STEPS, fc.integer({ min: 1, max: 30 }), (steps, max) => {
      let counts = new Map<string, number>();
      const map = new FairMap<Taker>({
        maxEntries: max,
        onEvict: (taker) => evicted.push(taker),
      });
      let evicted: Taker[] = [];
      for (const [kind, number, taker] of steps) {
        evicted = [];
        const key = `${number}`;
        const before = counts;
        if (kind === "set") map.set(key, taker, taker);
        else if (kind === "offer") {
          if (map.get(key) === undefined) map.offer(key, taker, taker);
        } else if (kind === "use") map.use(key);
        else map.delete(key);
        counts = countsOf(map);
        assert.ok(map.size <= max);
        for (const loser of evicted) {
          // Who loses an entry had as much as anybody, in the whole table and at home.
          const had = (before.get(loser.organization) ?? 0) +
            (loser.organization === taker.organization ? 1 : 0);
          const others = [...before].filter(([name]) =>
            name.length === 1 && name !== loser.organization
          ).map(([, count]) => count);
          assert.ok(others.every((count) => count <= had));
          const share = Math.floor(max / 3);
          assert.ok(had > share, "a third of the table is safe among three");
        }
      }
    }),
  );
});

/** Entries of each organization, and of each user. */
function countsOf(map: FairMap<Taker>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, { organization, user }] of map) {
    counts.set(organization, (counts.get(organization) ?? 0) + 1);
    counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  return counts;
}

Deno.test("FairMap: it remembers nobody who has nothing", () => {
  fc.assert(fc.property(STEPS, (steps) => {
    const map = new FairMap<Taker>({ maxEntries: 10 });
    for (const [, key, taker] of steps) map.set(`${key}`, taker, taker);
    for (const [key] of map) map.delete(key);

    assert.equal(map.size, 0);
    for (const taker of TAKERS) assert.equal(map.sizeOf(taker), 0);
    map.set("one", ANN, ANN);
    assert.deepEqual(keysOf(map), ["one"]);
  }));
});
