import assert from "node:assert/strict";
import { jobListReply } from "../../src/api/resources/tunnel_replies.ts";
import { createdTunnelReply } from "../../src/api/resources/tunnel_resource.ts";
import { errorOf, RestWorld } from "./rest_world.ts";

/** A world where Bob is of another organization than Ann, and Carl of hers. */
async function twoOrganizations(): Promise<RestWorld> {
  const world = await RestWorld.open();
  await world.accounts.organizations.add("acme");
  await world.accounts.setMembership("bob", { organization: "acme" });
  await world.accounts.bootstrap([{ name: "carl", key: "carl" }]);
  return world;
}

async function listed(
  world: RestWorld,
  user: string,
  query = "",
): Promise<unknown> {
  return await (await world.call(`${user}/tunnels${query}`, { user })).json();
}

Deno.test("what is shared is shown within the organization, and nothing of it outside", async () => {
  await using world = await twoOrganizations();
  const { id } = await world.create("shop", { shared: "all" });

  assert.deepEqual(await listed(world, "carl"), [id]);
  assert.deepEqual(await listed(world, "bob"), []);
  assert.deepEqual(await listed(world, "bob", "?all=1"), {});
  for (
    const [method, path] of [["GET", ""], ["DELETE", ""], ["GET", "/num_jobs"]]
  ) {
    const ask = (id: string) =>
      world.call(`bob/tunnels/${id}${path}`, {
        method: method ?? "",
        user: "bob",
      });
    const unknown = "0".repeat(32);
    const ofOthers = await errorOf(await ask(id), 404);
    const ofNobody = await errorOf(await ask(unknown), 404);
    assert.equal(ofOthers.replace(id, unknown), ofNobody);
  }
});

Deno.test("an admin sees and stops what is not shared, and sees the owner", async () => {
  await using world = await twoOrganizations();
  await world.accounts.setMembership("carl", { role: "admin" });
  const { id } = await world.create("shop");
  const foreign = await world.create("shop", { user: "bob" });

  assert.deepEqual(await listed(world, "carl"), [], "nothing to use");
  assert.deepEqual(await listed(world, "carl", "?all=1"), { ann: [id] });
  const asked = (id: string, method = "GET") =>
    world.call(`carl/tunnels/${id}`, { method, user: "carl" });
  assert.equal((await asked(id)).status, 200);
  await errorOf(await asked(foreign.id, "DELETE"), 404);
  assert.equal((await asked(id, "DELETE")).status, 200);

  assert.equal(world.tunnel(id).stopCause?.byUser, false);
  assert.equal(world.tunnel(foreign.id).isStopping, false);
  const [row] = await world.accounts.audit.read({ limit: 1 });
  assert.deepEqual(row?.by, {
    user: "carl",
    key: "default",
    address: "192.0.2.7",
  });
  assert.equal(row?.action, "tunnel_stopped");
  assert.deepEqual([row?.user, row?.object], ["ann", "shop"]);
});

Deno.test("a user who may stop a tunnel reads its jobs by REST too, also when it has ended", async () => {
  await using world = await twoOrganizations();
  await world.accounts.setMembership("ann", { team: "web" });
  await world.accounts.setMembership("bob", { role: "admin" });
  const { id } = await world.create("shop", { shared: "all" });
  world.connect(id, 1);
  world.tunnel(id).jobs.begin("nightly");
  const jobs = (user: string) =>
    world.call(`${user}/tunnels/${id}/jobs`, { user });

  await errorOf(await jobs("carl"), 404);
  await errorOf(await jobs("bob"), 404);
  const places = [{ role: "team-admin", team: "web" }, {
    role: "admin",
    team: undefined,
  }] as const;
  for (const place of places) {
    await world.accounts.setMembership("carl", place);
    const told = await (await jobs("carl")).json();
    const { jobs: [job] } = jobListReply.parse(told);
    assert.equal(job?.id, "nightly", place.role);
  }
  world.controller.stop(world.tunnel(id), {
    reason: "test",
    waitForJobs: false,
  });
  await world.tunnel(id).terminated;
  assert.equal((await jobs("carl")).status, 200);
  const again = await world.call(`carl/tunnels/${id}`, {
    method: "DELETE",
    user: "carl",
  });
  assert.match(await errorOf(again, 404), /it has ended \(test\)$/);
});

Deno.test("the admin of a team stops the tunnels of the team only", async () => {
  await using world = await twoOrganizations();
  await world.accounts.setMembership("ann", { team: "web" });
  await world.accounts.setMembership("carl", {
    team: "web",
    role: "team-admin",
  });
  await world.accounts.bootstrap([{ name: "dora", key: "dora" }]);
  const inTeam = await world.create("shop");
  const outside = await world.create("shop", { user: "dora" });

  for (const [{ id }, status] of [[inTeam, 200], [outside, 404]] as const) {
    const response = await world.call(`carl/tunnels/${id}`, {
      method: "DELETE",
      user: "carl",
    });
    assert.equal(response.status, status);
  }
});

Deno.test("an organization has so many tunnels at once, by all its users together", async () => {
  await using world = await twoOrganizations();
  await world.accounts.organizations.limit("default", 2);
  await world.create("one");
  await world.create("two", { user: "carl" });
  const start = (name: string, user: string) =>
    world.call(`${user}/tunnels`, {
      method: "POST",
      user,
      body: { tunnel_identifier: name },
    });

  assert.equal(
    await errorOf(await start("three", "carl"), 400),
    'Too many active tunnels of organization "default": 3 > 2, stop some first, ' +
      'or have the limit raised with "sallyport org set"',
  );
  assert.equal((await start("three", "bob")).status, 201, "another's is free");
  assert.equal((await start("one", "ann")).status, 201, "in the place of it");
  await world.accounts.organizations.limit("default", undefined);
  assert.equal((await start("three", "carl")).status, 201);
});

Deno.test("the audit log has who started, replaced and stopped a tunnel, and no secret", async () => {
  await using world = await RestWorld.open();
  const first = await world.create("shop");
  const second = await world.create("shop");
  await world.call(`ann/tunnels/${second.id}?reason=done`, {
    method: "DELETE",
    scope: "start",
  });
  await world.tunnel(second.id).terminated;

  const rows = (await world.accounts.audit.read({ limit: 100 }))
    .filter(({ action }) => action.startsWith("tunnel_"));

  assert.deepEqual(
    rows.map(({ by, action, detail }) =>
      `${by.user}/${by.key} ${action} ${detail}`
    ),
    [
      `ann/start tunnel_stopped ${second.id} done`,
      `ann/default tunnel_started ${second.id}`,
      `ann/default tunnel_replaced ${first.id} replaced`,
      `ann/default tunnel_started ${first.id}`,
    ],
  );
  const text = JSON.stringify(rows);
  for (const reply of [first, second]) {
    const { tunnel_token: token, proxy_password: password } = createdTunnelReply
      .parse(reply);
    assert.ok(!text.includes(token) && !text.includes(password));
  }
});

Deno.test("a tunnel that the server ends is stopped by the server", async () => {
  await using world = await RestWorld.open();
  const { id } = await world.create("shop");

  world.clock.advance(60_000);

  const [row] = await world.accounts.audit.read({ limit: 1 });
  assert.deepEqual(
    [row?.by.user, row?.action, row?.detail],
    ["(server)", "tunnel_stopped", `${id} serverTimeout`],
  );
});
