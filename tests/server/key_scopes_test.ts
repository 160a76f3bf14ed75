// deno-lint-ignore-file camelcase -- the names on the wire
import assert from "node:assert/strict";
import { KEY_SCOPES } from "../../src/api/resources/account_types.ts";
import { errorOf, RestWorld } from "./rest_world.ts";

const HEARTBEAT = {
  kgp_is_connected: true,
  kgp_seconds_since_last_status_change: 1,
};

/** Calls of the REST API, and the scopes besides `all` that will do. */
const CALLS: readonly (readonly [string, string, string, unknown?])[] = [
  ["start", "POST", "tunnels", { tunnel_identifier: "new" }],
  ["start", "POST", "tunnels/{id}/connected", HEARTBEAT],
  ["start", "POST", "tunnels/{id}/probe"],
  ["start", "POST", "errors", { Info: "", Logs: "", Tunnel: "" }],
  ["start", "DELETE", "tunnels?metadata=build=7"],
  ["start read", "GET", "tunnels/info/updates"],
  ["start read", "GET", "tunnels/{id}"],
  ["start read", "GET", "tunnels/{id}/num_jobs"],
  ["read", "GET", "tunnels"],
  ["read", "GET", "all_tunnels"],
  ["start", "DELETE", "tunnels/{id}"],
];

for (const [scopes, method, path, body] of CALLS) {
  for (const scope of KEY_SCOPES) {
    const isEnough = scope === "all" || scopes.split(" ").includes(scope);
    Deno.test(`${method} ${path} ${isEnough ? "takes" : "refuses"} a key of scope ${scope}`, async () => {
      await using world = await RestWorld.open();
      const { id } = await world.create("shop");

      const response = await world.call(`ann/${path.replace("{id}", id)}`, {
        method,
        scope,
        body,
      });

      if (isEnough) {
        assert.ok(response.ok, await response.text());
        return;
      }
      const needed = ["all", ...scopes.split(" ").toSorted().toReversed()];
      const error = await errorOf(response, 403);
      assert.match(
        error,
        /^Permission denied: key "\w+" has scope "\w+", use a key of scope /,
      );
      for (const each of needed) assert.ok(error.includes(`"${each}"`), error);
      assert.equal(world.tunnel(id).isStopping, false);
    });
  }
}

Deno.test("a key for starting tunnels finds and stops its user's own, whatever the user is", async () => {
  await using world = await RestWorld.open();
  await world.accounts.setMembership("ann", { role: "admin" });
  const { id } = await world.create("shop", { user: "bob", shared: "all" });

  for (const method of ["GET", "DELETE"]) {
    await errorOf(
      await world.call(`ann/tunnels/${id}`, { method, scope: "start" }),
      404,
    );
  }

  assert.equal(world.tunnel(id).isStopping, false);
});
