import assert from "node:assert/strict";
import { Turns } from "../../src/async/turns.ts";
import { ManualClock } from "../server/manual_clock.ts";

class World {
  readonly clock = new ManualClock();
  readonly turns = new Turns(this.clock);
  readonly done: string[] = [];

  /** Has something done that takes so many milliseconds. */
  ask(name: string, ms: number): Disposable {
    return this.turns.take(() => {
      this.clock.advance(ms);
      this.done.push(name);
    });
  }
}

Deno.test("Turns runs at once what it can, and in the order in which it came", () => {
  const world = new World();

  world.ask("first", 1);
  world.ask("second", 0);

  assert.deepEqual(world.done, ["first", "second"]);
  assert.equal(world.clock.pending, 0);
});

Deno.test("Turns rests four times as long as it has worked", () => {
  const world = new World();
  world.ask("long", 50);
  world.ask("next", 50);
  assert.deepEqual(world.done, ["long"]);

  world.clock.advance(199);
  assert.deepEqual(world.done, ["long"]);
  world.clock.advance(60);

  assert.deepEqual(world.done, ["long", "next"]);
});

Deno.test("Turns forgets what nobody waits for any more, and its rest with it", () => {
  const world = new World();
  world.ask("long", 50);
  const left = world.ask("left", 1);
  assert.equal(world.clock.pending, 1);

  left[Symbol.dispose]();

  assert.equal(world.clock.pending, 0);
  world.clock.advance(1_000);
  assert.deepEqual(world.done, ["long"]);
});

/** Milliseconds of work → whether the next work follows at once: a fifth of the time is free. */
for (const [ms, isNext] of [[12.4, true], [12.5, false]] as const) {
  Deno.test(`Turns ${isNext ? "goes on" : "rests"} after ${ms} ms of work`, () => {
    const world = new World();
    world.ask("first", ms);
    world.ask("next", 0);
    assert.equal(world.done.includes("next"), isNext);
    assert.equal(world.clock.pending, isNext ? 0 : 1);
  });
}

Deno.test("Turns counts work that takes no time as nothing", () => {
  const world = new World();
  for (let at = 0; at < 100; at++) world.ask(`${at}`, 0);
  assert.equal(world.done.length, 100);
});
