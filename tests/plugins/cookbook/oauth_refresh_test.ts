/** @module */
import assert from "node:assert/strict";
import { bytesOf, textOf } from "../../testing/byte_scanner.ts";
import { BrowserConnection } from "../../testing/browser.ts";
import type { OriginExchange } from "../../testing/origin_exchange.ts";
import { startSite } from "../../testing/origin.ts";
import { startRecipe } from "./recipe.ts";

/** An API that takes only the newest token, and the login that gives tokens. */
function startApi() {
  let tokens = 0;
  const seen: string[] = [];
  const site = startSite(async (exchange: OriginExchange) => {
    let content = "";
    for await (const piece of exchange.content()) content += textOf(piece);
    if (exchange.path === "/token") {
      seen.push(`token for ${content}`);
      tokens += 1;
      const body = JSON.stringify({ access_token: `t${tokens}` });
      return await exchange.answer(200, { body });
    }
    const sent = exchange.get("authorization") ?? "none";
    seen.push(`${exchange.method} ${exchange.path} ${sent} ${content}`.trim());
    const isGood = sent === `Bearer t${tokens}`;
    await exchange.answer(isGood ? 200 : 401, { body: isGood ? "in" : "out" });
  });
  return {
    site,
    seen,
    /** No token is good any more. */
    expire() {
      tokens += 1;
    },
  };
}

const ASKED =
  "token for grant_type=refresh_token&client_id=tests&refresh_token=r1";

Deno.test("oauth_refresh: a request whose token has expired is sent again with a new one, content and all", async () => {
  const api = startApi();
  await using site = api.site;
  await using tunnel = await startRecipe("oauth_refresh", {
    options: {
      ...{ host: "api.test", clientId: "tests", refreshToken: "r1" },
      tokenUrl: `http://login.test:${site.port}/token`,
    },
    permissions: `net=api.test:${site.port},login.test:${site.port}`,
  });
  using browser = await BrowserConnection.open(tunnel.proxy, {
    site,
    hostname: "api.test",
  });
  const ask = async (method: string, path: string, content?: string) => {
    const answer = await browser.exchange(
      method,
      path,
      content === undefined ? {} : { content: bytesOf(content) },
    );
    return `${answer.status} ${await answer.text()}`;
  };

  const first = await ask("GET", "/a");
  api.expire();
  const again = await ask("GET", "/b");
  api.expire();
  const posted = await ask("POST", "/c", "order 7");
  const other = await tunnel.get(`http://other.test:${site.port}/d`);

  assert.deepEqual([first, again, posted], ["200 in", "200 in", "200 in"]);
  assert.equal(other.status, 401);
  assert.deepEqual(api.seen, [
    ASKED,
    "GET /a Bearer t1",
    "GET /b Bearer t1",
    ASKED,
    "GET /b Bearer t3",
    "POST /c Bearer t3 order 7",
    ASKED,
    "POST /c Bearer t5 order 7",
    "GET /d none",
  ]);
});

Deno.test("oauth_refresh: many requests with an old token need one new token", async () => {
  const api = startApi();
  await using site = api.site;
  await using tunnel = await startRecipe("oauth_refresh", {
    options: {
      ...{ host: "api.test", clientId: "tests", refreshToken: "r1" },
      tokenUrl: `http://login.test:${site.port}/token`,
    },
    permissions: `net=api.test:${site.port},login.test:${site.port}`,
  });
  const url = `http://api.test:${site.port}/`;
  await tunnel.get(url);
  api.expire();

  const pages = await Promise.all(
    Array.from({ length: 8 }, () => tunnel.get(url)),
  );

  assert.deepEqual(pages.map(({ text }) => text), Array(8).fill("in"));
  assert.equal(api.seen.filter((line) => line === ASKED).length, 2);
});
