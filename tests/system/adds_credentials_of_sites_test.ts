/**
 * Promise: `--auth` logs tests in to sites, with the credentials that fit best,
 * and never instead of what the browser says itself.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";

const password = "s3cr3t";

Deno.test("the credentials of host:port win over those of *:port, host:* and *:*", async () => {
  await using named = await startOrigin();
  await using other = await startOrigin();
  await using system = await runningSystem({
    client: {
      credentials: [
        { hostname: "*", port: "*", username: "any", password },
        { hostname: "shop.test", port: "*", username: "host", password },
        { hostname: "*", port: named.port, username: "port", password },
        {
          ...{ hostname: "shop.test", port: named.port },
          ...{ username: "both", password },
        },
      ],
    },
  });

  for (
    const [hostname, site, username] of [
      ["shop.test", named, "both"],
      ["other.test", named, "port"],
      ["shop.test", other, "host"],
      ["other.test", other, "any"],
    ] as const
  ) {
    using browser = await BrowserConnection.open(system.proxy, {
      site,
      hostname,
    });
    const path = `/basic-auth/${username}/${password}`;
    const answer = await browser.exchange("GET", path);
    assert.equal(answer.status, 200, `${username} at ${hostname}`);
  }
});

Deno.test("what the browser says itself stays as it is", async () => {
  await using site = await startOrigin();
  await using system = await runningSystem({
    client: {
      credentials: [{ hostname: "*", port: "*", username: "any", password }],
    },
  });
  using browser = await BrowserConnection.open(system.proxy, { site });
  const fields = [["Authorization", `Basic ${btoa("jane:own")}`]] as const;

  const own = await browser.exchange("GET", "/basic-auth/jane/own", { fields });
  await own.text();
  const wrong = await browser.exchange("GET", `/basic-auth/any/${password}`, {
    fields,
  });

  assert.deepEqual([own.status, wrong.status], [200, 401]);
});
