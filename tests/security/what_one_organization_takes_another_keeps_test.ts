/** Promise: what users of one organization take of anything that all share, however many they are, users of another still get. */
import assert from "node:assert/strict";
import { databasePath } from "../../src/config/data_dir.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import type { Server } from "../../src/server/server.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { USER } from "../testing/user.ts";
import { startTestServer } from "../testing/running_system.ts";
import { CHEAP } from "./cut_off.ts";

const OTHER = { name: "other", key: "other-key-123456" } as const;
const EVES = [1, 2, 3, 4].map((at) => ({
  name: `eve-${at}`,
  key: `eve-key-${at}-12345`,
}));

type User = typeof USER | typeof OTHER | (typeof EVES)[number];

interface World extends AsyncDisposable {
  readonly server: Server;
  readonly client: Deno.HttpClient;
}

/** A server whose user `other` is of another organization than all the others. */
async function startWorld(restAddressRateLimit?: number): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryDirectory());
  {
    using accounts = openAccounts(databasePath(dataDir), { cost: CHEAP });
    await accounts.bootstrap([USER, OTHER, ...EVES]);
    await accounts.organizations.add("umbrella");
    await accounts.setMembership(OTHER.name, { organization: "umbrella" });
  }
  const server = stack.use(
    await startTestServer({
      dataDir,
      ...restAddressRateLimit === undefined ? {} : { restAddressRateLimit },
    }),
  );
  const client = Deno.createHttpClient({
    caCerts: [server.ca?.pem ?? ""],
    poolMaxIdlePerHost: 0,
  });
  stack.defer(() => client.close());
  const parts = stack.move();
  return {
    ...{ server, client },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Opens a page that is kept live, as `user`. */
async function openPage(
  { server, client }: World,
  user: User,
): Promise<Response> {
  return await fetch(`${server.url}events`, {
    client,
    headers: { Authorization: `Basic ${btoa(`${user.name}:${user.key}`)}` },
  });
}

async function signIn(
  { server, client }: World,
  user: User,
): Promise<Response> {
  const answer = await fetch(`${server.url}login`, {
    client,
    method: "POST",
    redirect: "manual",
    headers: {
      "Sec-Fetch-Site": "same-origin",
      Origin: server.url.slice(0, -1),
    },
    body: new URLSearchParams({ username: user.name, key: user.key }),
  });
  await answer.body?.cancel();
  return answer;
}

Deno.test("four users with fifty live pages each leave room for another organization, and for a colleague", async () => {
  await using world = await startWorld();
  const taken: Response[] = [];
  for (const eve of EVES) {
    for (let page = 0; page < 50; page += 1) {
      taken.push(await openPage(world, eve));
    }
  }
  assert.ok(taken.every(({ status }) => status === 200));

  const page = await openPage(world, OTHER);
  const colleague = await openPage(world, USER);

  assert.deepEqual([page.status, colleague.status], [200, 200]);
  for (const { body } of [...taken, page, colleague]) {
    await body?.cancel().catch(() => {});
  }
});

Deno.test("an address signs in no oftener than it may call the REST API", async () => {
  await using world = await startWorld(1);
  const statuses: number[] = [];

  // Sixteen at once, and one in a second.
  for (let count = 0; count < 40; count += 1) {
    statuses.push((await signIn(world, USER)).status);
  }

  assert.equal(statuses[0], 303);
  assert.ok(statuses.includes(429));
});
