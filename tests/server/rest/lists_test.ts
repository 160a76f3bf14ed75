import assert from "node:assert/strict";
import { z } from "zod";
import { allTunnelsReply } from "../../../src/api/resources/tunnel_replies.ts";
import { tunnelState } from "../../../src/api/resources/tunnel_resource.ts";
import { errorOf, RestWorld } from "../rest_world.ts";

async function listed(world: RestWorld, query = ""): Promise<unknown> {
  const response = await world.call(`ann/tunnels${query}`);
  assert.equal(response.status, 200);
  return await response.json();
}

Deno.test("GET tunnels lists the ids of one's own live tunnels, newest first", async () => {
  await using world = await RestWorld.open();
  assert.deepEqual(await listed(world), []);
  const first = await world.create("first");
  const second = await world.create("second");
  const ended = await world.create("ended");
  await world.create("bobs", { user: "bob" });
  await world.call(`ann/tunnels/${ended.id}`, { method: "DELETE" });
  await world.tunnel(ended.id).terminated;

  assert.deepEqual(await listed(world), [second.id, first.id]);
});

Deno.test("GET tunnels?full=1 lists states", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  for (const query of ["?full=1", "?full=true"]) {
    const [state] = z.array(tunnelState).parse(await listed(world, query));
    assert.equal(state?.id, id);
    assert.equal(state?.host, "lab.test");
  }
});

Deno.test("GET tunnels never tells a secret", async () => {
  await using world = await RestWorld.open();
  const created = await world.create("shop");

  const text = JSON.stringify(await listed(world, "?full=1"));

  assert.ok(!text.includes(created.tunnel_token));
  assert.ok(!text.includes(created.proxy_password));
});

Deno.test("GET tunnels?all=1 groups by owner, as ids or states", async () => {
  await using world = await RestWorld.open();
  assert.deepEqual(await listed(world, "?all=1"), {});
  const { id } = await world.create("shop");

  assert.deepEqual(await listed(world, "?all=1"), { ann: [id] });
  const full = z.record(z.string(), z.array(tunnelState))
    .parse(await listed(world, "?all=1&full=1"));
  assert.equal(full.ann?.[0]?.id, id);
});

Deno.test("GET tunnels?filter=one_per_pool lists one of each name", async () => {
  await using world = await RestWorld.open();
  const pool = [
    await world.create("pool", { tunnel_pool: true }),
    await world.create("pool", { tunnel_pool: true }),
  ].map((created) => created.id);
  const other = await world.create("other");

  const ids = z.array(z.string())
    .parse(await listed(world, "?filter=one_per_pool"));

  assert.equal(ids.length, 2);
  assert.ok(ids.includes(other.id));
  assert.equal(ids.filter((id) => pool.includes(id)).length, 1);
  assert.deepEqual(await listed(world, "?filter=v2alpha"), []);
});

Deno.test("GET tunnels?protocol= lists ours for h2c only", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  assert.deepEqual(await listed(world, "?protocol=kgp,h2c"), [id]);
  assert.deepEqual(await listed(world, "?protocol=kgp"), []);
});

Deno.test("GET tunnels?metadata= lists those that say all of it, as DELETE takes them", async () => {
  await using world = await RestWorld.open();
  const start = (extra: Readonly<Record<string, string>>) => {
    const { tunnel } = world.registry.create({
      owner: "ann",
      name: `lab${world.registry.list().length}`,
      metadata: { extra },
    });
    return tunnel.id;
  };
  const both = await start({ build: "7", runner: "jenkins" });
  const one = await start({ build: "7" });
  await start({ build: "8" });
  await start({});
  const hidden = await world.create("secret", { user: "bob" });
  assert.ok(hidden.id);

  assert.deepEqual(await listed(world, "?metadata=build=7"), [one, both]);
  assert.deepEqual(
    await listed(world, "?metadata=build=7,runner=jenkins&all=1"),
    { ann: [both] },
  );
  assert.deepEqual(await listed(world, "?metadata=toString=7"), []);
});

Deno.test("GET tunnels lists what others share with all users, and nothing else of theirs", async () => {
  await using world = await RestWorld.open();
  const own = await world.create("own");
  const shared = await world.create("shop", { user: "bob", shared: "all" });
  await world.create("secret", { user: "bob" });

  assert.deepEqual(await listed(world), [shared.id, own.id]);
  assert.deepEqual(await listed(world, "?all=1"), {
    bob: [shared.id],
    ann: [own.id],
  });
});

Deno.test("GET tunnels?filter=one_per_pool tells owners apart", async () => {
  await using world = await RestWorld.open();
  const own = await world.create("shop");
  const shared = await world.create("shop", { user: "bob", shared: "all" });

  const ids = await listed(world, "?filter=one_per_pool");

  assert.deepEqual(ids, [shared.id, own.id]);
});

for (
  const [query, sentence] of [
    ["full=2", /^Wrong parameter "full": expected "0" or "1"$/],
    ["filter=mine", /^Wrong parameter "filter"/],
    ["protocol=tcp", /^Wrong parameter "protocol"/],
    ["metadata=build", /^Wrong parameter "metadata": expected name=value,...$/],
    ["ful=1", /^Unknown parameter "ful"$/],
  ] as const
) {
  Deno.test(`GET tunnels refuses ${query}`, async () => {
    await using world = await RestWorld.open();

    const response = await world.call(`ann/tunnels?${query}`);

    assert.match(await errorOf(response, 400), sentence);
  });
}

Deno.test("GET all_tunnels lists one's own only", async () => {
  await using world = await RestWorld.open();
  await world.create("shop", { user: "bob", shared: "all" });

  const response = await world.call("ann/all_tunnels");

  assert.deepEqual(await response.json(), { tunnels: [] });
});

Deno.test("GET all_tunnels lists ended tunnels too, newest first, up to the limit", async () => {
  await using world = await RestWorld.open();
  const first = await world.create("first");
  const second = await world.create("second");
  await world.create("bobs", { user: "bob" });
  await world.call(`ann/tunnels/${first.id}`, { method: "DELETE" });
  await world.tunnel(first.id).terminated;
  const ids = async (query: string) =>
    allTunnelsReply.parse(
      await (await world.call(`ann/all_tunnels${query}`)).json(),
    )
      .tunnels.map((tunnel) => tunnel.id);

  assert.deepEqual(await ids(""), [second.id, first.id]);
  assert.deepEqual(await ids("?limit=1"), [second.id]);
});

for (const limit of ["0", "-1", "1001", "many", "1.5", ""]) {
  Deno.test(`GET all_tunnels refuses the limit "${limit}"`, async () => {
    await using world = await RestWorld.open();

    const response = await world.call(`ann/all_tunnels?limit=${limit}`);

    assert.match(await errorOf(response, 400), /^Wrong parameter "limit"/);
  });
}
