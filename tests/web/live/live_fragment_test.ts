import assert from "node:assert/strict";
import { ChangeEmitter } from "../../../src/async/change_feed.ts";
import {
  COALESCE_DELAY,
  LiveFragment,
  type LiveFragmentOptions,
  REFRESH,
} from "../../../src/web/live/live_fragment.ts";
import { ManualClock } from "../../server/manual_clock.ts";

class World {
  readonly clock: ManualClock = new ManualClock();
  readonly changes: ChangeEmitter<string> = new ChangeEmitter();
  /** It cannot be rendered while it is missing. */
  text: string | undefined = "one";
  renders = 0;
  ends = 0;
  readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

  constructor(options: Pick<LiveFragmentOptions, "closing"> = {}) {
    const render = () => {
      this.renders += 1;
      return this.text ?? assert.fail("nothing to render");
    };
    this.reader = new LiveFragment(render, {
      changes: this.changes,
      clock: this.clock,
      onEnd: () => this.ends += 1,
      ...options,
    }).stream.getReader();
  }

  /** What comes next, or `null` at the end. */
  async next(): Promise<string | null> {
    const { value } = await this.reader.read();
    return value ? new TextDecoder().decode(value) : null;
  }
}

Deno.test("LiveFragment begins with the part as it is", async () => {
  const world = new World();

  assert.equal(await world.next(), "event: fragment\ndata: one\n\n");

  await world.reader.cancel();
});

Deno.test("LiveFragment sends every line of the part", async () => {
  const world = new World();
  await world.next();

  world.text = "a\n\nb";
  world.clock.advance(REFRESH);

  assert.equal(
    await world.next(),
    "event: fragment\ndata: a\ndata: \ndata: b\n\n",
  );
  await world.reader.cancel();
});

Deno.test("LiveFragment keeps what users wrote inside its lines", async () => {
  const world = new World();
  await world.next();

  world.text = "a\rdata: b\r\nevent: c";
  world.clock.advance(REFRESH);

  assert.equal(
    await world.next(),
    "event: fragment\ndata: a\ndata: data: b\ndata: event: c\n\n",
  );
  await world.reader.cancel();
});

Deno.test("LiveFragment gathers changes that come together", async () => {
  const world = new World();
  await world.next();
  const next = world.next();

  world.text = "two";
  world.changes.publish("a");
  world.clock.advance(COALESCE_DELAY - 1);
  world.changes.publish("b");
  assert.equal(world.renders, 1);
  world.clock.advance(1);

  assert.equal(await next, "event: fragment\ndata: two\n\n");
  assert.equal(world.renders, 2);
  await world.reader.cancel();
});

Deno.test("LiveFragment sends only a comment while nothing looks different", async () => {
  const world = new World();
  await world.next();
  const next = world.next();

  world.clock.advance(REFRESH);

  assert.equal(await next, ":\n\n");
  await world.reader.cancel();
});

Deno.test("LiveFragment keeps nothing for a browser that does not read", async () => {
  const world = new World();
  for (const text of ["two", "three", "four"]) {
    world.text = text;
    world.clock.advance(REFRESH);
  }
  assert.equal(world.renders, 1);

  assert.equal(await world.next(), "event: fragment\ndata: one\n\n");
  world.clock.advance(REFRESH);
  assert.equal(await world.next(), "event: fragment\ndata: four\n\n");
  await world.reader.cancel();
});

Deno.test("LiveFragment lets go of everything when the browser leaves", async () => {
  const world = new World();
  await world.next();

  await world.reader.cancel();
  world.changes.publish("late");

  assert.equal(world.clock.pending, 0);
  assert.equal(world.ends, 1);
  assert.equal(world.renders, 1);
});

Deno.test("LiveFragment ends when the server stops", async () => {
  const closing = new AbortController();
  const world = new World({ closing: closing.signal });
  await world.next();

  closing.abort();

  assert.equal(await world.next(), null);
  assert.equal(world.clock.pending, 0);
  assert.equal(world.ends, 1);
});

Deno.test("LiveFragment of a server that is stopping ends at once", async () => {
  const world = new World({ closing: AbortSignal.abort() });

  await world.next();

  assert.equal(await world.next(), null);
  assert.equal(world.clock.pending, 0);
  assert.equal(world.ends, 1);
});

Deno.test("LiveFragment ends after ten minutes, so that the browser shows its credentials again", async () => {
  const world = new World();
  await world.next();
  for (let minutes = 0; minutes < 10; minutes++) {
    for (let looks = 0; looks < 12; looks++) {
      const next = world.next();
      world.clock.advance(REFRESH);
      await next;
    }
  }

  assert.equal(await world.next(), null);
  assert.equal(world.ends, 1);
});

Deno.test("LiveFragment ends when the part cannot be rendered any more", async () => {
  const world = new World();
  await world.next();

  world.text = undefined;
  world.clock.advance(REFRESH);

  assert.equal(await world.next(), null);
  assert.equal(world.clock.pending, 0);
  assert.equal(world.ends, 1);
});

Deno.test("LiveFragment leaves nothing behind when the part cannot be rendered at all", () => {
  const changes = new ChangeEmitter<string>();
  const clock = new ManualClock();
  let renders = 0;
  let ends = 0;
  const render = () => {
    renders += 1;
    return assert.fail("nothing to render");
  };

  assert.throws(
    () =>
      new LiveFragment(render, {
        changes,
        clock,
        onEnd: () => void (ends += 1),
      }),
    /nothing to render/,
  );
  changes.publish("late");
  clock.advance(REFRESH);

  assert.deepEqual([renders, ends, clock.pending], [1, 1, 0]);
});
