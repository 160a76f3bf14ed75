import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../src/http/basic_credentials.ts";
import { LoginGuard } from "../../src/server/login_guard.ts";
import { Prober } from "../../src/server/probe.ts";
import { checkProxyAccess } from "../../src/server/proxy_access.ts";
import { MemoryRegistry } from "../../src/server/registry.ts";

const KEYS: Readonly<Record<string, string>> = { ann: "a-key", bob: "b-key" };

class World {
  readonly registry = new MemoryRegistry();
  readonly #options = {
    registry: this.registry,
    prober: new Prober(),
    guard: new LoginGuard({
      verify: (name, key) => Promise.resolve(KEYS[name] === key),
    }),
  };

  /** Owners of the tunnels that these credentials open, or why they open none. */
  async opens(username: string, password: string): Promise<string> {
    try {
      const grant = await checkProxyAccess(
        formatBasicCredentials({ username, password }),
        "127.0.0.1",
        this.#options,
      );
      return grant.tunnels().map(({ owner }) => owner).join();
    } catch (error) {
      return error instanceof Error && "code" in error
        ? String(error.code)
        : String(error);
    }
  }
}

Deno.test("checkProxyAccess() opens a tunnel to its owner and to nobody else", async () => {
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

Deno.test("checkProxyAccess() opens a shared tunnel to every user", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });

  assert.equal(await world.opens("bob+shop", "b-key"), "ann");
  assert.equal(await world.opens("bob+ann+shop", "b-key"), "ann");
  assert.equal(await world.opens("bob+shop", "a-key"), "credentialsWrong");
});

Deno.test("checkProxyAccess() prefers the user's own tunnel, and asks for the owner when two share a name", async () => {
  const world = new World();
  world.registry.create({ owner: "ann", name: "shop", shared: "all" });
  world.registry.create({ owner: "eve", name: "shop", shared: "all" });

  assert.equal(await world.opens("ann+shop", "a-key"), "ann");
  assert.equal(await world.opens("bob+shop", "b-key"), "noSuchTunnel");
  assert.equal(await world.opens("bob+eve+shop", "b-key"), "eve");
});
