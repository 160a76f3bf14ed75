/** What a caller gets whose login did not succeed. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { problemResponse } from "../../../src/api/serving/problem.ts";
import type { ApiEnv } from "../../../src/api/serving/serve.ts";
import { SemaphoreFullError } from "../../../src/async/fair_semaphore.ts";
import { formatBasicCredentials } from "../../../src/http/basic_credentials.ts";
import { LoginGuard } from "../../../src/server/accounts/login_guard.ts";
import { authenticateRequest } from "../../../src/server/rest/authentication.ts";
import { chosenKeys } from "../chosen_keys.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

/** An application that says who has logged in. A key of `full` finds the server busy. */
function app(): Hono<ApiEnv> {
  const keys = chosenKeys((_name, key) => {
    if (key === "full") throw new SemaphoreFullError("");
    return key === "right" ? KEY : undefined;
  });
  const guard = new LoginGuard(keys, { maxFailures: 1 });
  const app = new Hono<ApiEnv>();
  app.onError(problemResponse);
  app.get(
    "/",
    async (context) =>
      context.text((await authenticateRequest(context, guard)).user),
  );
  return app;
}

for (
  const [keys, status, retryAfter, text] of [
    [["right"], 200, null, /^ann$/],
    [[undefined], 401, null, /Authentication required/],
    [["wrong"], 401, null, /user name or access key is wrong/],
    [["wrong", "right"], 429, "60", /too many failed attempts/],
    [["full"], 503, "5", /busy with other logins, try again in 5 s/],
  ] as const
) {
  Deno.test(`a login with the keys ${keys} gets ${status}`, async () => {
    const server = app();
    const login = async (password: string | undefined) =>
      await server.request("/", {
        headers: password === undefined ? {} : {
          Authorization: formatBasicCredentials({
            username: "ann",
            password,
          }),
        },
      });

    for (const key of keys.slice(0, -1)) await login(key);
    const response = await login(keys.at(-1));

    assert.equal(response.status, status);
    assert.equal(response.headers.get("retry-after"), retryAfter);
    assert.equal(response.headers.has("www-authenticate"), status === 401);
    assert.match(await response.text(), text);
  });
}
