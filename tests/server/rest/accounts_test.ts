import assert from "node:assert/strict";
import {
  auditLogReply,
  createdKeyReply,
  createdUserReply,
  keyList,
  organizationState,
  userList,
  userState,
} from "../../../src/api/resources/account_resource.ts";
import { restDocument } from "../../../src/api/document/rest_document.ts";
import { errorOf, RestWorld } from "../rest_world.ts";

/** A world where Ann is an admin, and Eve one of another organization. */
async function administered(): Promise<RestWorld> {
  const world = await RestWorld.open();
  await world.accounts.setMembership("ann", { role: "admin" });
  await world.accounts.organizations.add("acme", 7);
  await world.accounts.bootstrap([{ name: "eve", key: "eve" }]);
  await world.accounts.setMembership("eve", {
    organization: "acme",
    role: "admin",
  });
  return world;
}

function post(world: RestWorld, path: string, body: unknown, user = "ann") {
  return world.call(`${user}/${path}`, { method: "POST", user, body });
}

function remove(world: RestWorld, path: string, user = "ann") {
  return world.call(`${user}/${path}`, { method: "DELETE", user });
}

Deno.test("an admin adds a user, whose key works at once, and removes the user", async () => {
  await using world = await administered();

  const added = await post(world, "users", { name: "joe", team: "web" });
  assert.equal(added.status, 201);
  const { access_key: key, ...joe } = createdUserReply.parse(
    await added.json(),
  );
  assert.deepEqual({ ...joe, creation_time: 0 }, {
    name: "joe",
    role: "member",
    team: "web",
    organization: "default",
    creation_time: 0,
    disabled: false,
    external: false,
  });
  const asJoe = { user: "joe", key };
  assert.equal((await world.call("joe/tunnels", asJoe)).status, 200);
  const { users } = userList.parse(
    await (await world.call("ann/users")).json(),
  );
  assert.deepEqual(users.map(({ name }) => name), ["ann", "bob", "joe"]);
  assert.equal((await remove(world, "users/joe")).status, 200);

  assert.equal((await world.call("joe/tunnels", asJoe)).status, 401);
});

Deno.test("an admin changes role and team, and nobody's their own", async () => {
  await using world = await administered();
  const change = async (name: string, body: unknown) =>
    userState.parse(await (await post(world, `users/${name}`, body)).json());

  const { role, team } = await change("bob", {
    role: "team-admin",
    team: "web",
  });
  assert.deepEqual([role, team], ["team-admin", "web"]);
  assert.equal((await change("bob", { team: null })).team, null);

  for (
    const refused of [
      await post(world, "users/ann", { role: "member" }),
      await remove(world, "users/ann"),
    ]
  ) {
    assert.match(await errorOf(refused, 400), /^Cannot \w+ yourself: /);
  }
  assert.equal(world.accounts.findUser("ann")?.role, "admin");
});

Deno.test("an organization's admin learns and changes nothing of another", async () => {
  await using world = await administered();
  await world.create("shop", { user: "eve" });
  await world.create("shop");

  const told = await (await world.call("ann/organization")).json();
  assert.deepEqual(organizationState.parse(told), {
    name: "default",
    max_tunnels: null,
    active_tunnels: 1,
    users: 2,
  });
  const eves = await (await world.call("eve/organization", { user: "eve" }))
    .json();
  assert.equal(organizationState.parse(eves).max_tunnels, 7);
  for (
    const [method, path, body] of [
      ["DELETE", "users/NAME"],
      ["POST", "users/NAME", { role: "member" }],
      ["GET", "users/NAME/keys"],
      ["POST", "users/NAME/keys", { name: "ci" }],
      ["DELETE", "users/NAME/keys/default"],
    ] as const
  ) {
    const ask = (name: string) =>
      world.call(`ann/${path.replace("NAME", name)}`, { method, body });
    const ofAnother = await errorOf(await ask("eve"), 404);
    const ofNobody = await errorOf(await ask("nobody"), 404);
    assert.equal(ofAnother.replace("eve", "nobody"), ofNobody);
  }
  const { entries } = auditLogReply.parse(
    await (await world.call("ann/audit?limit=1000")).json(),
  );
  const started = entries.filter(({ action }) => action === "tunnel_started");
  assert.deepEqual(started.map(({ user }) => user), ["ann"]);
});

for (const role of ["member", "team-admin", "service"] as const) {
  Deno.test(`a ${role} manages their own keys and nothing of the organization`, async () => {
    await using world = await administered();
    await world.accounts.setMembership("bob", { role, team: "web" });
    await world.accounts.setMembership("ann", { team: "web" });
    const asBob = { user: "bob" };

    for (const path of ["users", "organization", "audit", "users/ann/keys"]) {
      await errorOf(await world.call(`bob/${path}`, asBob), 403);
    }
    await errorOf(await post(world, "users", { name: "joe" }, "bob"), 403);
    await errorOf(await remove(world, "users/ann", "bob"), 403);
    const made = await post(
      world,
      "keys",
      { name: "ci", scope: "use", expires_in: 60 },
      "bob",
    );
    const { access_key, ...key } = createdKeyReply.parse(await made.json());
    const listed = await (await world.call("bob/keys", asBob)).text();
    assert.deepEqual(keyList.parse(JSON.parse(listed)).keys[0], key);
    assert.ok(!listed.includes(access_key));
    assert.equal((key.expiration_time ?? 0) - key.creation_time, 60);
    assert.equal((await remove(world, "keys/ci", "bob")).status, 200);
    await errorOf(await remove(world, "keys/ci", "bob"), 404);
    assert.equal(
      await world.accounts.lookUp("bob", access_key).verify(),
      undefined,
    );
  });
}

Deno.test("an admin makes keys for service accounts, ends anybody's, and is nobody else", async () => {
  await using world = await administered();
  await post(world, "users", { name: "ci", role: "service" });

  assert.equal((await post(world, "users/ci/keys", { name: "x" })).status, 201);
  assert.match(
    await errorOf(await post(world, "users/bob/keys", { name: "x" }), 400),
    /"bob" is not a service account, and people create their own keys$/,
  );
  assert.equal((await remove(world, "users/bob/keys/default")).status, 200);

  assert.equal(await world.accounts.lookUp("bob", "bob").verify(), undefined);
});

Deno.test("a user that cannot be added is refused in a sentence", async () => {
  await using world = await administered();

  assert.match(
    await errorOf(await post(world, "users", { name: "eve" }), 409),
    /^Cannot add user "eve": the name is taken/,
  );
  assert.match(
    await errorOf(await post(world, "users", { name: "public" }), 400),
    /the name is reserved/,
  );
  assert.match(
    await errorOf(await post(world, "keys", { name: "default" }), 409),
    /^Cannot add key "default": "ann" has a key of that name/,
  );
});

Deno.test("the admins of an organization read what the operator does with it", async () => {
  await using world = await administered();
  await world.accounts.organizations.limit("acme", 9);

  const { entries } = auditLogReply.parse(
    await (await world.call("eve/audit?limit=1", { user: "eve" })).json(),
  );

  const [{ actor, action, user, object, detail } = assert.fail()] = entries;
  assert.deepEqual({ actor, action, user, object, detail }, {
    actor: "(operator)",
    action: "organization_changed",
    user: null,
    object: "acme",
    detail: "max-tunnels 7 → 9",
  });
});

Deno.test("an organization reads nothing of an earlier one of its name", async () => {
  let now = 1_000;
  await using world = await RestWorld.open({ now: () => now });
  const { accounts } = world;
  await accounts.organizations.add("acme");
  await accounts.bootstrap([{ name: "eve", key: "eve" }]);
  await accounts.setMembership("eve", { organization: "acme", role: "admin" });
  await accounts.removeUser("eve");
  await accounts.organizations.remove("acme");
  now = 2_000;
  await accounts.organizations.add("acme");
  await accounts.bootstrap([{ name: "joe", key: "joe" }]);
  await accounts.setMembership("joe", { organization: "acme", role: "admin" });

  const { entries } = auditLogReply.parse(
    await (await world.call("joe/audit", { user: "joe" })).json(),
  );

  assert.deepEqual(entries.map(({ action, user }) => [action, user]), [
    ["user_changed", "joe"],
    ["organization_created", null],
  ]);
});

Deno.test("every change by REST is in the audit log with user, key and address", async () => {
  await using world = await administered();
  await post(world, "users", { name: "ci", role: "service" });
  await post(world, "users/ci", { team: "web" });
  await post(world, "users/ci/keys", { name: "x" });
  await remove(world, "users/ci/keys/x");
  await post(world, "keys", { name: "mine", scope: "use" });
  await remove(world, "keys/mine");
  await remove(world, "users/ci");

  const { entries } = auditLogReply.parse(
    await (await world.call("ann/audit?limit=7")).json(),
  );

  assert.deepEqual(
    entries.toReversed().map(({ action, user, object, detail }) =>
      [action, user, object ?? "-", detail ?? "-"].join(" ")
    ),
    [
      "user_added ci - service of default",
      "user_changed ci - service of default → service of default/web",
      "key_created ci x all",
      "key_revoked ci x -",
      "key_created ann mine use",
      "key_revoked ann mine -",
      "user_removed ci - -",
    ],
  );
  for (const { actor, key, address } of entries) {
    assert.deepEqual([actor, key, address], ["ann", "default", "192.0.2.7"]);
  }
});

Deno.test("the audit log is read in pages, with who did it, from where and with which key", async () => {
  await using world = await administered();
  await post(world, "users", { name: "joe" });
  await remove(world, "users/joe");
  const read = async (query: string) =>
    auditLogReply.parse(await (await world.call(`ann/audit${query}`)).json())
      .entries;

  const [last] = await read("?limit=1");
  const [before] = await read(`?limit=1&before=${last?.id}`);

  assert.deepEqual(
    [last?.action, last?.user, last?.actor, last?.key, last?.address],
    ["user_removed", "joe", "ann", "default", "192.0.2.7"],
  );
  assert.equal(before?.action, "user_added");
  assert.deepEqual(await read("?since=99999999999"), []);
});

Deno.test("an admin who removes a user hears which one", async () => {
  await using world = await administered();
  await post(world, "users", { name: "joe" });
  const response = await remove(world, "users/joe");
  assert.deepEqual(await response.json(), { result: true, name: "joe" });
});

Deno.test("the audit log has 100 entries by default, of all times", async () => {
  await using world = await administered();
  for (let count = 0; count < 101; count++) {
    world.accounts.audit.note({
      by: { user: "ann" },
      action: "user_changed",
      organization: "default",
      user: `user${count}`,
    });
  }
  const read = async (query = "") =>
    auditLogReply.parse(await (await world.call(`ann/audit${query}`)).json())
      .entries;
  assert.equal((await read()).length, 100);
  assert.ok((await read("?limit=150")).length > 100);
  assert.equal((await read())[0]?.user, "user100");
});

Deno.test("numbers in the query of the audit log have twelve digits at most, and the document says so", async () => {
  await using world = await administered();
  const { parameters = [] } = restDocument("1").paths["/{user}/audit"]?.get ??
    {};
  const schemaOf = (name: string) =>
    parameters.find((parameter) => parameter.name === name)?.schema;

  for (const name of ["since", "before"]) {
    const largest = 999_999_999_999;
    const at = async (value: number | string) =>
      await world.call(`ann/audit?${name}=${value}`);

    assert.equal(schemaOf(name)?.maximum, largest);
    assert.equal((await at(largest)).status, 200);
    for (const value of ["1000000000000", "99999999999999999999999"]) {
      assert.equal((await at(value)).status, 400, value);
    }
  }
});
