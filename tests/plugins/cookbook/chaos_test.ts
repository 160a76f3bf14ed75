/** @module */
import assert from "node:assert/strict";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const PATHS = Array.from({ length: 24 }, (_, at) => `/${at % 12}`);

/** What each request ends with: a status, or `reset`. */
async function run(
  site: { readonly port: number },
  options: object,
): Promise<readonly (number | string)[]> {
  await using tunnel = await startRecipe("chaos", { options });
  const ends: (number | string)[] = [];
  for (const path of PATHS) {
    const got = tunnel.get(`http://shop.test:${site.port}${path}`);
    ends.push(await got.then(({ status }) => status, () => "reset"));
  }
  return ends;
}

const startOk = () =>
  startSite((exchange) => exchange.answer(200, { body: "ok" }));

Deno.test("chaos: nothing fails without a share, and everything with a share of 1", async () => {
  await using site = startOk();

  const calm = await run(site, { seed: 1 });
  const failing = await run(site, { seed: 1, fail: 1 });
  const reset = await run(site, { seed: 1, reset: 1 });

  assert.deepEqual(new Set(calm), new Set([200]));
  assert.deepEqual(new Set(failing), new Set([503]));
  assert.deepEqual(new Set(reset), new Set(["reset"]));
});

Deno.test("chaos: a seed always gives the same, another seed something else", async () => {
  await using site = startOk();
  const shares = { fail: 0.3, reset: 0.3 };

  const first = await run(site, { seed: 7, ...shares });
  const second = await run(site, { seed: 7, ...shares });
  const other = await run(site, { seed: 8, ...shares });

  assert.deepEqual(second, first);
  assert.notDeepEqual(other, first);
});
