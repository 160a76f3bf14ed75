import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../../src/http/basic_credentials.ts";
import {
  KEY_SCOPES,
  type KeyScope,
} from "../../../src/api/resources/account_types.ts";
import type { VerifiedKey } from "../../../src/server/accounts/accounts.ts";
import { LoginGuard } from "../../../src/server/accounts/login_guard.ts";
import { Prober } from "../../../src/server/proxy/probe.ts";
import {
  type Authorization,
  authorizeByCredentials,
} from "../../../src/server/proxy/authorize.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { chosenKeys } from "../chosen_keys.ts";
import {
  type AccountView,
  CHECK_INTERVAL,
  type PermissionSource,
  PermissionWatcher,
  viewAccounts,
} from "../../../src/server/accounts/permission_watcher.ts";
import { directoryOf } from "../directory.ts";
import { ManualClock } from "../manual_clock.ts";

/** Users and their keys; Joe is of another organization. */
const KEYS: Readonly<Record<string, string>> = {
  ann: "a-key",
  bob: "b-key",
  joe: "j-key",
};

/** `b-key` has the scope `all`, `b-key-use` the scope `use`. */
function keyOf(user: string, key: string): VerifiedKey | undefined {
  const scope = KEY_SCOPES.find((each) => key === `${KEYS[user]}-${each}`);
  if (scope !== undefined) return { id: scope, name: scope, scope };
  return KEYS[user] === key
    ? { id: "1", name: "default", scope: "all" }
    : undefined;
}

class World {
  readonly registry = new TunnelRegistry();
  /** Ids of the keys that are there, by user. */
  readonly keys = new Map<string, string>([["ann", "1"], ["bob", "1"]]);
  /** Scope of all keys. */
  scope: KeyScope = "all";
  /** Organizations of the users. */
  readonly places: Record<string, string> = {
    ann: "acme",
    bob: "acme",
    eve: "acme",
    joe: "umbrella",
  };
  readonly options = {
    registry: this.registry,
    prober: new Prober(),
    accounts: directoryOf(this.places),
    guard: new LoginGuard(chosenKeys(keyOf)),
  };

  /** Looks at users and keys as they are now. */
  look(): AccountView {
    return viewAccounts(this.source);
  }

  /** Users and keys as they are. */
  readonly source: PermissionSource = {
    ...this.options.accounts,
    findKey: (user, name) => {
      const id = this.keys.get(user);
      return id === undefined ? undefined : { id, name, scope: this.scope };
    },
  };

  /** The authorization of these credentials. */
  readonly authorize = (
    username: string,
    password: string,
  ): Promise<Authorization> =>
    authorizeByCredentials(
      formatBasicCredentials({ username, password }),
      { address: "127.0.0.1" },
      this.options,
    );

  /** Owners of the tunnels that these credentials may use, or the error code. */
  async opens(username: string, password: string): Promise<string> {
    try {
      const authorization = await this.authorize(username, password);
      return authorization.tunnels().map(({ owner }) => owner).join();
    } catch (error) {
      return error instanceof Error && "code" in error
        ? String(error.code)
        : String(error);
    }
  }
}

Deno.test("authorizeByCredentials() authorizes the owner of a tunnel, and no other user", async () => {
  const world = new World();
  const { proxyPassword } = world.registry.create({
    owner: "ann",
    name: "shop",
  });

  assert.equal(await world.opens("ann+shop", "a-key"), "ann");
  assert.equal(await world.opens("ann+shop", proxyPassword), "ann");
  assert.equal(await world.opens("bob+shop", "b-key"), "noSuchTunnel");
  assert.equal(await world.opens("bob+ann+shop", "b-key"), "noSuchTunnel");
  assert.equal(
    await world.opens("bob+shop", proxyPassword),
    "credentialsWrong",
  );
  assert.equal(
    await world.opens("ann+other", proxyPassword),
    "credentialsWrong",
  );
  assert.equal(await world.opens("ann", "a-key"), "credentialsWrong");
});

Deno.test("authorizeByCredentials() drops the login of a browser that has left, and says that it was not checked", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop" });
  const guard = new LoginGuard(chosenKeys(() => new Promise(() => {})));
  const ask = (signal?: AbortSignal) =>
    authorizeByCredentials(
      formatBasicCredentials({ username: "ann+shop", password: "a-key" }),
      { address: "127.0.0.1", signal },
      { ...world.options, guard },
    );
  for (let count = 0; count < 10; count += 1) void ask();
  const leaving = new AbortController();
  const left = ask(leaving.signal);

  leaving.abort();

  await assert.rejects(left, { code: "loginsBusy" });
});

Deno.test("authorizeByCredentials() knows of a move to another organization during the login", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });
  const places: Record<string, string> = { ann: "acme", bob: "acme" };
  const { promise, resolve } = Promise.withResolvers<void>();
  const guard = new LoginGuard(chosenKeys(async (name, key) => {
    await promise;
    return keyOf(name, key);
  }));
  const asking = authorizeByCredentials(
    formatBasicCredentials({ username: "bob+shop", password: "b-key" }),
    { address: "127.0.0.1" },
    {
      ...world.options,
      guard,
      accounts: { findUser: (name) => directoryOf(places).findUser(name) },
    },
  );

  places.bob = "umbrella";
  resolve();

  const { tunnels } = await asking;
  assert.throws(tunnels, { code: "noSuchTunnel" });
});

Deno.test("authorizeByCredentials() authorizes every user of the organization for a shared tunnel", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });

  assert.equal(await world.opens("bob+shop", "b-key"), "ann");
  assert.equal(await world.opens("bob+ann+shop", "b-key"), "ann");
  assert.equal(await world.opens("bob+shop", "a-key"), "credentialsWrong");
});

Deno.test("authorizeByCredentials() shows another organization nothing, not even that a tunnel is there", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });

  for (const name of ["shop", "ann+shop", "nothing", "ann+nothing"]) {
    assert.equal(await world.opens(`joe+${name}`, "j-key"), "noSuchTunnel");
    assert.equal(await world.opens(`joe+${name}`, "a-key"), "credentialsWrong");
  }
});

for (const scope of KEY_SCOPES) {
  const isEnough = scope === "all" || scope === "use";
  Deno.test(`authorizeByCredentials() ${isEnough ? "takes" : "refuses"} a key of scope ${scope}`, async () => {
    const world = new World();
    world.registry.create({ owner: "bob", name: "shop" });

    assert.equal(
      await world.opens("bob+shop", `b-key-${scope}`),
      isEnough ? "bob" : "scopeDenied",
    );
    assert.equal(
      await world.opens("bob+nothing", `b-key-${scope}`),
      isEnough ? "noSuchTunnel" : "scopeDenied",
    );
  });
}

Deno.test("authorizeByCredentials() accepts a proxy password for its own tunnel only, also after that has ended", async () => {
  const { registry, authorize } = new World();
  registry.create({ owner: "bob", name: "shop", shared: "all" });
  const own = registry.create({ owner: "ann", name: "shop" });
  const { tunnels } = await authorize("ann+shop", own.proxyPassword);
  assert.deepEqual(tunnels(), [own.tunnel]);

  registry.remove(own.tunnel.id);

  assert.throws(tunnels, { code: "noSuchTunnel" });
});

Deno.test("authorizeByCredentials() finds no tunnel of another user whose name looks like this user's", async () => {
  const world = new World();
  world.registry.create({ owner: "eve", name: "bob+shop", shared: "all" });

  assert.equal(await world.opens("ann+bob+shop", "a-key"), "noSuchTunnel");
  assert.equal(await world.opens("ann+eve+bob+shop", "a-key"), "eve");

  world.registry.create({ owner: "bob", name: "shop", shared: "all" });

  assert.equal(await world.opens("ann+bob+shop", "a-key"), "bob");
});

Deno.test("authorizeByCredentials() finds a shared tunnel whose name has a plus", async () => {
  const world = new World();
  world.registry.create({ owner: "eve", name: "c+plus", shared: "all" });

  assert.equal(await world.opens("ann+c+plus", "a-key"), "eve");
});

Deno.test("an authorization is over when the user may not use the tunnel any more, and only then", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });
  const others = await world.authorize("bob+shop", "b-key");
  const own = await world.authorize("ann+shop", "a-key");
  for (const { tunnels } of [others, own]) tunnels();

  assert.equal(others.permit?.holds(world.look()), true);
  world.places.ann = "umbrella";

  assert.equal(others.permit?.holds(world.look()), false);
  assert.equal(own.permit?.holds(world.look()), true);
});

Deno.test("an authorization that follows another is over when the user may not use what that one was used for", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });
  const first = await world.authorize("bob+shop", "b-key");
  first.tunnels();
  world.registry.create({ owner: "bob", name: "shop" });
  const second = await world.authorize("bob+shop", "b-key");
  assert.deepEqual(second.tunnels().map(({ owner }) => owner), ["bob"]);
  const cuts: string[] = [];
  const clock = new ManualClock();
  using watch = new PermissionWatcher(world.source, clock);
  using pass = watch.enter(() => cuts.push("cut"));
  pass.allow(first.permit);
  pass.allow(second.permit);

  clock.advance(CHECK_INTERVAL);
  assert.deepEqual(cuts, []);
  world.places.ann = "umbrella";
  clock.advance(CHECK_INTERVAL);

  assert.deepEqual(cuts, ["cut"]);
});

Deno.test("an authorization is over when its key has got a scope that does not open the proxy", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop" });
  const { permit } = await world.authorize("ann+shop", "a-key");

  world.scope = "use";
  assert.equal(permit?.holds(world.look()), true);
  world.scope = "read";

  assert.equal(permit?.holds(world.look()), false);
});

Deno.test("the authorization of a proxy password ends with its tunnel", async () => {
  const world = new World();
  const own = world.registry.create({ owner: "ann", name: "shop" });
  const { permit } = await world.authorize("ann+shop", own.proxyPassword);

  assert.equal(permit?.holds(world.look()), true);
  world.registry.remove(own.tunnel.id);

  assert.equal(permit?.holds(world.look()), false);
});

Deno.test("an authorization ends when its key is revoked, also when a new key has its name", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop" });

  const { permit } = await world.authorize("ann+shop", "a-key");

  assert.equal(permit?.holds(world.look()), true);
  world.keys.set("ann", "2");
  assert.equal(permit?.holds(world.look()), false);
  world.keys.delete("ann");
  assert.equal(permit?.holds(world.look()), false);
});

Deno.test("authorizeByCredentials() prefers the user's own tunnel, and requires the owner when two share a name", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });
  world.registry.create({ owner: "eve", name: "shop", shared: "all" });

  assert.equal(await world.opens("ann+shop", "a-key"), "ann");
  assert.equal(await world.opens("bob+shop", "b-key"), "noSuchTunnel");
  assert.equal(await world.opens("bob+eve+shop", "b-key"), "eve");
});

Deno.test("wrong keys stand on the page of the tunnel, in few words of which a stranger chooses none", async () => {
  const world = new World();
  const { tunnel } = world.registry.create({ owner: "ann", name: "shop" });
  for (let count = 0; count < 100; count += 1) {
    const job = `evil-${count}`;
    await assert.rejects(world.authorize(`ann+shop;job=${job}`, `no-${count}`));
  }

  const groups = tunnel.failures.groups.list();

  const total = groups.reduce((sum, group) => sum + group.count, 0);
  assert.equal(total, 100);
  assert.ok(groups.length <= 2, "wrong, and throttled");
  assert.match(groups.at(-1)?.sentence ?? "", /"ann\+shop" are wrong/);
  assert.ok(!JSON.stringify(groups).includes("evil"));
});
