/** @module */
import assert from "node:assert/strict";
import { startSite } from "../../testing/origin.ts";
import { temporaryDirectory } from "../../system/programs.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("record_replay: recorded responses come again without the site", async () => {
  await using folder = await temporaryDirectory();
  const file = `${folder.path}/shop.har`;
  const permissions = `read=${file};write=${file}`;
  let url = "";
  {
    await using site = startSite((exchange) =>
      exchange.answer(201, {
        fields: [["Content-Type", "text/plain"], ["X-From", "site"]],
        body: `hello ${exchange.target}`,
      })
    );
    url = `http://shop.test:${site.port}`;
    await using tunnel = await startRecipe("record_replay", {
      options: { file, mode: "record" },
      permissions,
    });
    assert.equal((await tunnel.get(`${url}/a?b=c`)).text, "hello /a?b=c");
  }

  await using tunnel = await startRecipe("record_replay", {
    options: { file, mode: "replay" },
    permissions,
  });
  const known = await tunnel.get(`${url}/a?b=c`);
  const unknown = await tunnel.get(`${url}/other`);

  assert.equal(known.status, 201);
  assert.equal(known.text, "hello /a?b=c");
  assert.equal(known.get("X-From"), "site");
  assert.equal(unknown.status, 404);
});
