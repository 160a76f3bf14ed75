import assert from "node:assert/strict";
import type { Peer } from "./peer.ts";
import type { Site } from "./place.ts";
import { measureAll, type RunOptions } from "./runner.ts";
import type { Workload } from "./workload.ts";

const SITE: Site = {
  originPort: 1,
  certificate: { cert: "", key: "" },
  ca: "",
};

const OPTIONS: RunOptions = {
  runs: 2,
  times: { warmUp: 0, duration: 0 },
  untilQuiet: () => Promise.resolve(),
  progress: () => {},
};

/** A peer without processes; `starts` gets an entry whenever it is started. */
function fakePeer(name: string, starts: string[]): Peer {
  return {
    name,
    about: "",
    programs: [],
    version: () => Promise.resolve("1.0"),
    start(place) {
      starts.push(name);
      const stream = { ...place.route(1, "direct"), authorization: name };
      return Promise.resolve({
        stream,
        plain: undefined,
        server: [],
        client: [],
      });
    },
  };
}

function fakeWorkload(
  measure: Workload["measure"],
  options: Partial<Workload> = {},
): Workload {
  return {
    name: "fake",
    about: "",
    way: "stream",
    roundTrip: undefined,
    isFresh: false,
    columns: [{ title: "per second", digits: 0 }],
    better: "more",
    measure,
    ...options,
  };
}

Deno.test("measureAll() takes turns with peers that it starts once", async () => {
  const starts: string[] = [];
  const turns: string[] = [];
  const workload = fakeWorkload(({ route }) => {
    turns.push(route.authorization ?? "");
    return Promise.resolve([turns.length]);
  });

  const [result] = await measureAll(SITE, {
    ...OPTIONS,
    peers: [fakePeer("a", starts), fakePeer("b", starts)],
    workloads: [workload],
  });

  assert.deepEqual(turns, ["a", "b", "a", "b"]);
  assert.deepEqual(starts, ["a", "b"]);
  assert.deepEqual(result?.peers.map(({ rows }) => rows), [
    [[1], [3]],
    [[2], [4]],
  ]);
});

Deno.test("measureAll() restarts ends where that is wanted, and over another wire", async () => {
  const starts: string[] = [];
  const measure = () => Promise.resolve([1]);

  await measureAll(SITE, {
    ...OPTIONS,
    peers: [fakePeer("a", starts)],
    workloads: [
      fakeWorkload(measure, { isFresh: true }),
      fakeWorkload(measure, { roundTrip: 20 }),
    ],
  });

  assert.deepEqual(starts, ["a", "a", "a"]);
});

Deno.test("measureAll() goes on without a peer that fails, says why, and restarts it", async () => {
  const starts: string[] = [];
  const workload = fakeWorkload(({ route }) =>
    route.authorization === "bad"
      ? Promise.reject(new Error("There was no answer\nand more"))
      : Promise.resolve([1])
  );

  const [result] = await measureAll(SITE, {
    ...OPTIONS,
    peers: [fakePeer("bad", starts), fakePeer("good", starts)],
    workloads: [workload],
  });

  assert.deepEqual(result?.peers, [
    { peer: "bad", rows: [], trouble: "There was no answer" },
    { peer: "good", rows: [[1], [1]], trouble: undefined },
  ]);
  assert.deepEqual(starts, ["bad", "good", "bad"]);
});

Deno.test("measureAll() says which peers have no way for a workload", async () => {
  const workload = fakeWorkload(() => Promise.resolve([1]), { way: "plain" });

  const [result] = await measureAll(SITE, {
    ...OPTIONS,
    peers: [fakePeer("a", [])],
    workloads: [workload],
  });

  assert.deepEqual(result?.peers, [
    { peer: "a", rows: [], trouble: "does not read HTTP" },
  ]);
});
