/** @module */
import assert from "node:assert/strict";
import { BrowserConnection } from "../../testing/browser.ts";
import { bytesOf, concat, textOf } from "../../testing/byte_scanner.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

Deno.test("graphql_mock: operations of the options get their responses, others reach the site whole", async () => {
  await using site = startSite(async (exchange) =>
    await exchange.answer(200, {
      body: `site: ${
        textOf(concat(await Array.fromAsync(exchange.content())))
      }`,
    })
  );
  await using tunnel = await startRecipe("graphql_mock", {
    options: { GetUser: { user: { name: "Ada" } } },
  });
  using browser = await BrowserConnection.open(tunnel.proxy, { site });
  const ask = async (content: string) => {
    const answer = await browser.exchange("POST", "/graphql", {
      fields: [["Content-Type", "application/json"]],
      content: bytesOf(content),
    });
    return await answer.text();
  };

  const mocked = await ask('{"operationName":"GetUser","query":"{…}"}');
  const passed = await ask('{"operationName":"GetCart"}');
  const inherited = await ask('{"operationName":"toString"}');

  assert.deepEqual(JSON.parse(mocked), { data: { user: { name: "Ada" } } });
  assert.equal(passed, 'site: {"operationName":"GetCart"}');
  assert.equal(inherited, 'site: {"operationName":"toString"}');
});
