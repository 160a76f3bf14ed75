/** Promise: who may not use a tunnel any more is out within 10 s, whatever they have open through it. */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import {
  BOB,
  openEverything,
  requestsUnderWay,
  startWorld,
  type UnderWay,
  type World,
} from "./cut_off.ts";

/** Milliseconds. */
const PROMISED = 10_000;

/** Opens everything, does `revoke`, and gives the kinds that have not ended in time. */
async function stillOpenAfter(
  world: World,
  revoke: () => void,
): Promise<readonly string[]> {
  const all = await openEverything(world);
  try {
    revoke();
    const open = await Promise.all([
      ...all.map((each) => isOpen(each)),
      isBusy(world),
    ]);
    return open.filter((kind) => kind !== undefined);
  } finally {
    for (const each of all) each[Symbol.dispose]();
  }
}

/** Says so if requests still run at the server when the time is up. */
async function isBusy(world: World): Promise<string | undefined> {
  const end = performance.now() + PROMISED;
  while (performance.now() < end) {
    if (await requestsUnderWay(world) === 0) return undefined;
  }
  return `${await requestsUnderWay(world)} requests at the server`;
}

/** The kind, if it is still open when the time is up. */
async function isOpen({ kind, ended }: UnderWay): Promise<string | undefined> {
  return await within(ended, `the end of a ${kind}`, PROMISED)
    .then(() => undefined, () => kind);
}

Deno.test("everything that a key has opened ends when it is revoked", async () => {
  await using world = await startWorld();

  const open = await stillOpenAfter(
    world,
    () => world.accounts.revokeKey(BOB.name, "default"),
  );

  assert.deepEqual(open, []);
});

Deno.test("everything ends when the user is removed", async () => {
  await using world = await startWorld();

  const open = await stillOpenAfter(
    world,
    () => world.accounts.removeUser(BOB.name),
  );

  assert.deepEqual(open, []);
});

Deno.test("everything in the tunnel of a former colleague ends when the user is moved to another organization", async () => {
  await using world = await startWorld();

  const open = await stillOpenAfter(
    world,
    () => world.accounts.setMembership(BOB.name, { organization: "acme" }),
  );

  // The page goes on and shows what its viewer may see now.
  assert.deepEqual(open, ["live page"]);
});

Deno.test("nothing of those who still may is cut", async () => {
  await using world = await startWorld();
  await world.accounts.addKey("demo", { name: "other" });
  const all = await openEverything(world);
  const early: string[] = [];
  const lasting = all.filter(({ kind }) => !kind.includes("not read"));
  for (const { kind, ended } of lasting) {
    void ended.then(() => early.push(kind));
  }

  // A whole promise's time and more, of a key that is somebody else's.
  await world.accounts.revokeKey("demo", "other");
  await within(Promise.race(lasting.map(({ ended }) => ended)), "it", PROMISED)
    .catch(() => {});

  assert.deepEqual(early, []);
  for (const each of all) each[Symbol.dispose]();
});
