/** No answer comes from a wrong tunnel, whatever the nodes do meanwhile. */
import assert from "node:assert/strict";
import { TunnelError } from "../../src/tunnel/errors.ts";
import { within } from "../testing/deadline.ts";
import {
  contextOf,
  get,
  idOf,
  respondWith,
  TestNodes,
  textOf,
} from "./nodes.ts";

const TUNNELS = 12;
const REQUESTS = 600;

/** A generator of numbers that a failure can be repeated with. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

for (const seed of [1, 2, 3]) {
  Deno.test(`three nodes whose clients come and go answer for the right tunnel only (seed ${seed})`, async () => {
    await using nodes = await TestNodes.start(3);
    const random = numbers(seed);
    const pick = <Item>(items: readonly Item[]): Item => {
      const item = items[Math.floor(random.next().value * items.length)];
      assert(item !== undefined);
      return item;
    };
    const cuts = new Map<string, () => void>();
    const ids = Array.from({ length: TUNNELS }, (_, number) => idOf(number));
    const toggle = async () => {
      const [node, id] = [pick(nodes.all), pick(ids)];
      const key = `${node.name} ${id}`;
      const cut = cuts.get(key);
      cuts.delete(key);
      if (cut !== undefined) return cut();
      cuts.set(
        key,
        await node.connect(
          id,
          ({ authority }, { user }) =>
            Promise.resolve(respondWith(`${id} ${authority} ${user}`)),
        ),
      );
    };
    for (let count = 0; count < 20; count++) await toggle();
    const outcomes = { right: 0, refused: 0 };

    const load = Array.from({ length: 8 }, async () => {
      for (let count = 0; count < REQUESTS / 8; count++) {
        if (count % 5 === 0) await toggle();
        const id = pick(ids);
        const user = `user-${Math.floor(random.next().value * 1_000)}`;
        const authority = `site-${user}.test`;
        try {
          const response = await pick(nodes.all).mesh.send(get(authority), {
            ...contextOf(id),
            user,
          });
          assert.equal(await textOf(response), `${id} ${authority} ${user}`);
          outcomes.right += 1;
        } catch (failure) {
          // Its content may be cut with the client; nothing else may fail.
          if (failure instanceof assert.AssertionError) throw failure;
          if (failure instanceof TunnelError) {
            assert.equal(failure.code, "lost");
          }
          outcomes.refused += 1;
        }
      }
    });
    await within(Promise.all(load), "all requests");

    assert.equal(outcomes.right + outcomes.refused, REQUESTS);
    assert.ok(outcomes.right > REQUESTS / 4, JSON.stringify(outcomes));
  });
}
