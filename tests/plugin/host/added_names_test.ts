/** Names for plugins that have none. */
import assert from "node:assert/strict";
import { AddedNames } from "../../../src/plugin/host/added_names.ts";

/** A use without a name: a plugin that is an object. */
const bare = () => ({ use: {} }) as never;

function nameOf({ use }: { use: { readonly name?: string } }) {
  return use.name;
}

Deno.test("plugins are numbered, and the least free number is taken", () => {
  const names = new AddedNames();
  const first = names.take(bare(), []);
  const second = names.take(bare(), []);
  assert.equal(nameOf(first as never), "added-1");
  assert.equal(nameOf(second as never), "added-2");

  first[Symbol.dispose]();
  assert.equal(nameOf(names.take(bare(), []) as never), "added-1");
  assert.equal(nameOf(names.take(bare(), []) as never), "added-3");
});

Deno.test("names of plugins in use are not given again", () => {
  const taken = ["added-1", "added-3"];
  const names = new AddedNames();
  assert.equal(nameOf(names.take(bare(), taken) as never), "added-2");
  assert.equal(nameOf(names.take(bare(), taken) as never), "added-4");
});

/** What has a name already → its use. */
const NAMED = {
  "a name of its own": { name: "mine", use: {} },
  "a file": { use: "a.ts" },
  "a URL": { use: new URL("file:///a.ts") },
  "a plugin that names itself": { use: { name: "own" } },
};

for (const [what, use] of Object.entries(NAMED)) {
  Deno.test(`${what} is kept, and takes no number`, () => {
    const names = new AddedNames();
    const named = names.take(use as never, []);
    assert.equal(named.use as unknown, use);
    named[Symbol.dispose]();
    assert.equal(nameOf(names.take(bare(), []) as never), "added-1");
  });
}
