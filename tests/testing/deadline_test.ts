/** @module */
import assert from "node:assert/strict";
import { within } from "./deadline.ts";

Deno.test("within() gives what came in time and names what did not", async () => {
  assert.equal(await within(Promise.resolve(1), "a number"), 1);
  await assert.rejects(
    within(new Promise(() => {}), "the moon", 5),
    /Waited 5 ms for the moon/,
  );
});
