/** Many tunnels at one server. */
import assert from "node:assert/strict";
import { startServerProgram } from "../system/programs.ts";
import { get } from "../testing/browser.ts";
import { LightClient, type LightUser } from "../testing/light_client.ts";

const TUNNELS = 1_000;
/** One user may have 100 tunnels. */
const USERS: readonly LightUser[] = Array.from({ length: 10 }, (_, at) => ({
  name: `user${at}`,
  key: `user${at}-key-123456`,
}));
/** Started and asked at the same time: listeners queue no more than a few hundred. */
const AT_ONCE = 25;

Deno.test("1,000 tunnels at one server are each asked by their name", async () => {
  const logins = USERS.map(({ name, key }) => `${name}:${key}`);
  await using server = await startServerProgram({
    env: { SALLYPORT_USERS: logins.join(",") },
  });
  await using clients = new AsyncDisposableStack();
  const names = Array.from({ length: TUNNELS }, (_, at) => `lab-${at}`);
  const ids = new Map<string, string>();

  await inBatches(names, async (name) => {
    const client = clients.use(
      await LightClient.start(server, {
        user: userOf(name),
        tunnel: { tunnel_identifier: name },
      }),
    );
    ids.set(name, client.tunnel.id);
  });

  await inBatches(names, async (name) => {
    const { status, text } = await get("http://who.test/", {
      port: server.proxyPort,
      credentials: `${userOf(name).name}+${name}:${userOf(name).key}`,
    });
    assert.deepEqual([status, text], [200, ids.get(name)], name);
  });
  assert.equal(new Set(ids.values()).size, TUNNELS);
});

function userOf(name: string): LightUser {
  const user = USERS[Number(name.split("-")[1]) % USERS.length];
  assert.ok(user);
  return user;
}

async function inBatches(
  names: readonly string[],
  each: (name: string) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < names.length; at += AT_ONCE) {
    await Promise.all(names.slice(at, at + AT_ONCE).map(each));
  }
}
