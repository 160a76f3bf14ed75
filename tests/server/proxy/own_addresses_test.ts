import assert from "node:assert/strict";
import { OwnAddresses } from "../../../src/server/proxy/own_addresses.ts";
import { recordLog } from "../../testing/event_log.ts";

Deno.test("OwnAddresses has the addresses of the machine and of the external host, in one spelling", async () => {
  const own = new OwnAddresses({
    externalHosts: ["server.example"],
    interfaces: () => ["192.0.2.1", "2001:DB8:0::1"],
    resolve: (name) =>
      Promise.resolve(
        name === "server.example"
          ? { addresses: ["::ffff:198.51.100.7"], source: "network" }
          : undefined,
      ),
  });

  const known = await own.list();

  assert.deepEqual([...known].toSorted(), [
    "192.0.2.1",
    "198.51.100.7",
    "2001:db8::1",
  ]);
});

Deno.test("OwnAddresses sees a new interface within ten seconds, and looks no oftener", async () => {
  let now = 1_000_000;
  let asked = 0;
  let lookedUp = 0;
  const own = new OwnAddresses({
    interfaces: () => [`192.0.2.${asked += 1}`],
    resolve: () => {
      lookedUp += 1;
      return Promise.resolve(undefined);
    },
    now: () => now,
  });
  await own.list();
  now += 9_999;
  assert.ok((await own.list()).has("192.0.2.1"));
  now += 1;

  assert.ok((await own.list()).has("192.0.2.2"));
  assert.equal(lookedUp, 0, "there is no name to look up");
});

Deno.test("OwnAddresses: an external host that cannot be found leaves those of the machine", async () => {
  await using log = await recordLog();
  const own = new OwnAddresses({
    externalHosts: ["server.example"],
    interfaces: () => ["192.0.2.1"],
    resolve: () => Promise.reject(new Error("No DNS server answers")),
  });

  assert.deepEqual([...await own.list()], ["192.0.2.1"]);
  assert.deepEqual(
    log.all.map(({ level, message, fields }) => [level, message, fields]),
    [["warn", "external host of the server has no address", {
      host: "server.example",
      cause: "Error: No DNS server answers",
    }]],
  );
});

Deno.test("OwnAddresses fails when the system does not give its addresses, and tries again", async () => {
  let isDenied = true;
  const own = new OwnAddresses({
    interfaces: () => {
      if (isDenied) throw new Deno.errors.NotCapable("Requires sys access");
      return ["192.0.2.1"];
    },
    resolve: () => Promise.resolve(undefined),
  });
  await assert.rejects(own.list());
  isDenied = false;

  assert.deepEqual([...await own.list()], ["192.0.2.1"]);
});
