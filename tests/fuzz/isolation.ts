/**
 * Random users start, stop and replace tunnels of colliding names, clients come
 * and go, the server restarts, and browsers with all kinds of credentials send
 * requests: a client responds only to users who may use its tunnel.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Random } from "../http2/hpack/random.ts";
import {
  type Ask,
  type FakeTunnel,
  mayAnswer,
  usable,
} from "./isolation_oracle.ts";
import { IsolationWorld, NAMES, USERS } from "./isolation_world.ts";
import { type FuzzTarget, pick } from "./target.ts";

/** Steps of a round; a few seconds. */
const STEPS = 50;
/** Browsers that ask at once after each step. */
const ASKS = 8;
/** Live tunnels; with more, names would collide no more than with these. */
const MAX_TUNNELS = 12;

/** No traffic reaches a client that its browser may not use. */
export const ISOLATION: FuzzTarget = {
  name: "a client answers those only who may use its tunnel",
  turn: 1,
  async round(random) {
    await using world = await IsolationWorld.open();
    const outcomes = new Set<string>();
    for (let step = 0; step < STEPS; step += 1) {
      // These meet the tunnels in the middle of the change.
      const during = [askOf(random, world), askOf(random, world)]
        .map(async (ask) => ({ ask, answer: await world.ask(ask) }));
      await change(random, world);
      for (const { ask, answer } of await Promise.all(during)) {
        checkSafe(answer, ask, world);
      }
      const asks = Array.from({ length: ASKS }, () => askOf(random, world));
      for (const outcome of await Promise.all(asks.map(askOne(world)))) {
        outcomes.add(outcome);
      }
    }
    return [...outcomes].sort().join(" ");
  },
};

/** One thing happens to the tunnels, or to the server. */
async function change(random: Random, world: IsolationWorld): Promise<void> {
  const { live } = world;
  const chance = random(100);
  if (live.length === 0 || chance < 45 && live.length < MAX_TUNNELS) {
    await world.start({
      user: pick(random, USERS),
      name: pick(random, NAMES),
      pool: random(4) > 0,
      shared: random(2) === 0,
      wantsPort: random(2) === 0,
    });
  } else if (chance < 65) await world.stop(pick(random, live));
  else if (chance < 90) await world.toggle(pick(random, live));
  else if (chance < 95) await world.restart();
  await world.settle();
}

/** Somebody asks while nothing changes; says how it went. */
function askOne(world: IsolationWorld): (ask: Ask) => Promise<string> {
  return async function askOne(ask) {
    const answer = await world.ask(ask);
    checkSafe(answer, ask, world);
    const ready = usable(ask, world.live).filter(({ isConnected }) =>
      isConnected
    );
    if (ready.length === 0) {
      assert.ok(
        [407, 503].includes(answer.status),
        `${told(ask)}: ${answer.status}`,
      );
      return `refused-${answer.status}`;
    }
    assert.equal(answer.status, 200, told(ask));
    assert.ok(ready.some(({ id }) => id === answer.text), told(ask));
    return ask.kind;
  };
}

/** The client that responded may respond to the user of the request. */
function checkSafe(
  { status, text }: { readonly status: number; readonly text: string },
  ask: Ask,
  world: IsolationWorld,
): void {
  if (status !== 200) return;
  const answered = world.everMade.get(text);
  assert.ok(answered, `${told(ask)}: "${text}" is no tunnel`);
  assert.ok(
    mayAnswer(answered, ask, world.everMade),
    `${told(ask)} was answered by ${told(answered)}`,
  );
}

/** Any browser, with any credentials. */
function askOf(random: Random, world: IsolationWorld): Ask {
  const withPort = world.live.filter(({ port }) => port !== undefined);
  if (withPort.length > 0 && random(5) === 0) {
    const { owner, name, port = 0 } = pick(random, withPort);
    return { kind: "port", port, owner, name };
  }
  const user = pick(random, USERS);
  const owner = random(3) === 0 ? `${pick(random, USERS).name}+` : "";
  const job = random(3) === 0 ? `;job=${random(3)}` : "";
  const text = `${owner}${pick(random, NAMES)}${job}`;
  const ask = { kind: "login", user: user.name, text } as const;
  const password = pick(
    random,
    [
      () => user.key,
      () => user.key,
      () => pick(random, USERS).key,
      () => pick(random, [...world.everMade.values()]).password,
      () => "wrong-key-123456",
    ].slice(0, world.everMade.size === 0 ? 3 : 5),
  )();
  return world.mayTry({ ...ask, password })
    ? { ...ask, password }
    : { ...ask, password: user.key };
}

function told(about: Ask | FakeTunnel): string {
  return JSON.stringify(about);
}
