import assert from "node:assert/strict";
import { databasePath } from "../../src/config/data_dir.ts";
import { tableResolver } from "../../src/net/names/resolver.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import type { Server } from "../../src/server/server.ts";
import { within } from "../testing/deadline.ts";
import { LightClient } from "../testing/light_client.ts";
import { startOrigin } from "../testing/origin.ts";
import { type BrowserProxy, get, type Page } from "../testing/browser.ts";
import { USER } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { temporaryDirectory } from "./programs.ts";
import { callRest, type RestServer } from "./rest_calls.ts";

const OTHER = { name: "other", key: "other-key-123456" } as const;

function proxyOf(server: Server, credentials?: string): BrowserProxy {
  return { port: server.proxyAddress.port, credentials };
}

function restOf(server: Server): RestServer {
  assert.ok(server.ca !== undefined);
  return { url: server.url.replace(/\/$/, ""), caFile: server.ca.file };
}

/** What a page says besides the name in its request. */
function answerOf({ status, text, error = "", get }: Page, name: string) {
  const challenge = get("proxy-authenticate");
  const words = [text, error].map((each) => each.replace(`"${name}"`, "NAME"));
  return { status, words, challenge };
}

Deno.test("two users with a tunnel of the same name each reach their own network", async () => {
  await using server = await startTestServer({ users: [OTHER] });
  await using origin = await startOrigin();
  await using _demo = await startTestClient(server, {
    resolve: tableResolver({ "demo-only.test": ["127.0.0.1"] }),
  });
  await using _other = await startTestClient(server, {
    username: OTHER.name,
    accessKey: OTHER.key,
    resolve: tableResolver({ "other-only.test": ["127.0.0.1"] }),
  });

  const statuses = await Promise.all(
    [USER, OTHER].flatMap((user) =>
      ["demo-only.test", "other-only.test"].map(async (host) => {
        const credentials = `${user.name}+lab:${user.key}`;
        const url = `http://${host}:${origin.port}/`;
        return (await get(url, proxyOf(server, credentials))).status;
      })
    ),
  );

  assert.deepEqual(statuses, [200, 502, 502, 200]);
});

Deno.test("the key of one user opens no tunnel of another", async () => {
  await using server = await startTestServer({ users: [OTHER] });
  await using origin = await startOrigin();
  await using _demo = await startTestClient(server);
  const url = `http://origin.test:${origin.port}/`;

  const asOwner = await get(url, proxyOf(server, `demo+lab:${OTHER.key}`));
  const asOneself = await get(url, proxyOf(server, `other+lab:${OTHER.key}`));

  assert.equal(asOwner.status, 407);
  assert.equal(asOneself.status, 503);
  assert.match(asOneself.error ?? "", /^no_such_tunnel /);
  assert.equal(origin.connections, 0);
});

Deno.test("a proxy password opens its own tunnel and nothing else", async () => {
  await using server = await startTestServer({ users: [OTHER] });
  await using _lab = await startTestClient(server, { tunnelName: "lab" });
  const rest = restOf(server);
  const { data } = await callRest(rest, {
    method: "POST",
    path: "",
    body: { tunnel_identifier: "second" },
  });
  const password = String(data["proxy_password"]);
  const url = "http://origin.test/";

  const own = await get(url, proxyOf(server, `demo+second:${password}`));
  const foreign = await get(url, proxyOf(server, `demo+lab:${password}`));
  const asUser = await callRest(rest, {
    path: "",
    user: { name: USER.name, key: password },
  });

  assert.equal(own.status, 503);
  assert.match(
    own.error ?? "",
    /^no_session The tunnel "second" is starting or reconnecting/,
  );
  assert.equal(foreign.status, 407);
  assert.equal(asUser.status, 401);
});

Deno.test("a user without a right key learns nothing about tunnels and users", async () => {
  await using server = await startTestServer();
  await using _lab = await startTestClient(server);
  const names = ["demo+lab", "demo+none", "nobody+lab", "demo+", "demo", "+"];

  const answers = await Promise.all(names.map(async (name) => {
    const proxy = proxyOf(server, `${name}:wrong-key-123456`);
    return answerOf(await get("http://origin.test/", proxy), name);
  }));

  const [first, ...others] = answers;
  assert.equal(first?.status, 407);
  assert.equal(first.challenge, 'Basic realm="sallyport"');
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("a browser without credentials gets a 407, in words", async () => {
  await using server = await startTestServer();

  const page = await get("http://origin.test/", proxyOf(server));

  assert.equal(page.status, 407);
  assert.equal(page.get("proxy-authenticate"), 'Basic realm="sallyport"');
  assert.match(
    page.text,
    /^sallyport server: Proxy authentication required: use "<user>\+<tunnel-name>" as user name/,
  );
});

Deno.test("the key of a removed user stops working at once", async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await using server = await startTestServer({ dataDir, users: [OTHER] });
  const proxy = proxyOf(server, `other+lab:${OTHER.key}`);
  const before = await get("http://origin.test/", proxy);

  {
    using accounts = openAccounts(databasePath(dataDir));
    assert.equal(await accounts.removeUser(OTHER.name), true);
  }
  const after = await get("http://origin.test/", proxy);
  const rest = await callRest(restOf(server), { path: "", user: OTHER });

  assert.deepEqual([before.status, after.status, rest.status], [503, 407, 401]);
});

Deno.test("the server ends the tunnel of a revoked key, and no other, though its client sees nothing of it", async () => {
  await using directory = await temporaryDirectory();
  const dataDir = directory.path;
  await using server = await startTestServer({ dataDir });
  using accounts = openAccounts(databasePath(dataDir));
  const key = await accounts.addKey(USER.name, { name: "ci" });
  const rest = restOf(server);
  await using client = await LightClient.start(rest, {
    user: { name: USER.name, key },
    tunnel: { tunnel_identifier: "of-ci" },
  });
  await using other = await LightClient.start(rest, {
    user: USER,
    tunnel: { tunnel_identifier: "other" },
  });

  await accounts.revokeKey(USER.name, "ci");
  await within(client.ended(), "the session to end");
  const stateOf = async ({ tunnel: { id } }: LightClient) =>
    (await callRest(rest, { path: `/${id}` })).data;
  const ended = await stateOf(client);
  const alive = await stateOf(other);

  assert.equal(ended["shutdown_reason"], "keyRevoked");
  assert.equal(ended["user_shutdown"], false);
  assert.equal(alive["shutdown_reason"], null);
});

Deno.test("a browser that guesses keys has to wait, while others go on", async () => {
  await using server = await startTestServer({ users: [OTHER] });
  const guess = (key: string) =>
    get("http://origin.test/", proxyOf(server, `demo+lab:${key}`));

  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) {
    statuses.push((await guess(`guess-${at}`)).status);
  }
  const other = await get(
    "http://origin.test/",
    proxyOf(server, `other+lab:${OTHER.key}`),
  );

  assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([407]));
  assert.deepEqual(statuses.slice(10), [429, 429]);
  assert.equal(other.status, 503);
});
