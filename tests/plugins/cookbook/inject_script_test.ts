/** @module */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

const PAGE = "<!doctype html><head lang=en><title>Shop</title></head>";

Deno.test("inject_script: a page gets the script and loses its policy, other content does not", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(200, {
      fields: [
        ["Content-Type", exchange.path === "/" ? "text/html" : "text/plain"],
        ["Content-Security-Policy", "script-src 'none'"],
        ["Content-Encoding", "gzip"],
      ],
      body: new Uint8Array(gzipSync(PAGE)),
    })
  );
  await using tunnel = await startRecipe("inject_script", {
    options: { script: "window.price = '$&'" },
  });

  const page = await tunnel.get(`http://shop.test:${site.port}/`);
  const text = await tunnel.get(`http://shop.test:${site.port}/text`);

  assert.equal(
    page.text,
    "<!doctype html><head lang=en><script>window.price = '$&'</script>" +
      "<title>Shop</title></head>",
  );
  assert.equal(page.get("Content-Security-Policy"), undefined);
  assert.equal(text.get("Content-Security-Policy"), "script-src 'none'");
  assert.equal(text.get("Content-Encoding"), "gzip");
});
