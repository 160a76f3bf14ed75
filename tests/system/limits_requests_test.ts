/**
 * Promise: the administrator says how many requests the REST API takes, and how
 * many failed logins; beyond that, the response says how long to wait.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Server } from "../../src/server/server.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { startTestServer } from "../testing/running_system.ts";
import { callRest, type RestAnswer, type RestServer } from "./rest_calls.ts";

const OTHER = { name: "other", key: "other-key-123456" } as const;
/** Requests at once for each in a second. */
const BURST = 16;
/** On a slow machine seconds pass meanwhile, and with each of them one more. */
const MOST = 4 * BURST;

function restOf({ url, ca }: Server): RestServer {
  return { url: new URL(url).origin, caFile: ca?.file ?? assert.fail() };
}

async function firstRefused(
  server: RestServer,
): Promise<RestAnswer & { readonly passed: number }> {
  for (let passed = 0; passed < MOST; passed++) {
    const answer = await callRest(server, { path: "" });
    if (answer.status !== 200) return { ...answer, passed };
  }
  assert.fail(`All of ${MOST} passed`);
}

Deno.test("--rest-user-rate-limit is for each user, and says how long to wait", async () => {
  await using server = await startTestServer({
    restUserRateLimit: 1,
    users: [OTHER],
  });
  const rest = restOf(server);

  const refused = await firstRefused(rest);
  const other = await callRest(rest, { path: "", user: OTHER });

  assert.ok(refused.passed >= BURST, String(refused.passed));
  assert.equal(refused.status, 429);
  assert.equal(refused.retryAfter, "1");
  assert.match(
    refused.text,
    /^\{"error":"Too many requests from you: wait 1 s"\}$/,
  );
  assert.equal(other.status, 200);
});

Deno.test("--rest-address-rate-limit is for all users of an address", async () => {
  await using server = await startTestServer({
    restAddressRateLimit: 1,
    restUserRateLimit: 0,
    users: [OTHER],
  });
  const rest = restOf(server);

  const { status, text } = await firstRefused(rest);

  assert.equal(status, 429);
  assert.match(text, /from your address/);
});

Deno.test("--login-max-failures is for the REST API, the page and the proxy together", async () => {
  await using server = await startTestServer({ loginMaxFailures: 2 });
  const rest = restOf(server);
  const proxy = { port: server.proxyAddress.port };
  const wrong = { name: USER.name, key: "wrong" };

  const first = await callRest(rest, { path: "", user: wrong });
  const second = await get("http://nowhere.invalid/", {
    ...proxy,
    credentials: `${USER.name}+lab:wrong`,
  });
  const api = await callRest(rest, { path: "" });
  const browser = await get("http://nowhere.invalid/", {
    ...proxy,
    credentials: CREDENTIALS,
  });

  assert.deepEqual([first.status, second.status], [401, 407]);
  assert.deepEqual([api.status, api.retryAfter], [429, "60"]);
  assert.equal(browser.status, 429);
});
