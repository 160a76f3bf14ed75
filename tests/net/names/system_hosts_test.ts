/** @module */
import assert from "node:assert/strict";
import {
  type Author,
  SystemHosts,
} from "../../../src/net/names/system_hosts.ts";

const { signal } = new AbortController();

/** A hosts file on a machine called `box`. */
async function hostsFile(text: string) {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, text);
  const hosts = new SystemHosts(path, { machine: "box", freshFor: 0 });
  return {
    path,
    resolve: (name: string, author: Author = "user") =>
      hosts.resolver(author)(name, signal),
    [Symbol.asyncDispose]: () => Deno.remove(path),
  };
}

Deno.test("SystemHosts tells the user's names from those of the system", async () => {
  const ofTheSystem = [
    ...["localhost", "localhost.localdomain", "ip6-localhost", "box"],
    ...["box.lab.test", "kubernetes.docker.internal"],
    ...["ip6-loopback", "localhost6.localdomain6", "broadcasthost"],
    ...["vm", "runsc", "kubernetes", "host.containers.internal"],
    ...["host.lima.internal", "old.localdomain"],
  ];
  await using hosts = await hostsFile(
    `127.0.0.1 ${ofTheSystem.join(" ")} shop.test boxes.test\n`,
  );

  for (const name of ofTheSystem) {
    assert.deepEqual(await hosts.resolve(name, "system"), ["127.0.0.1"], name);
    assert.equal(await hosts.resolve(name, "user"), undefined, name);
  }
  for (const name of ["Shop.Test", "boxes.test"]) {
    assert.deepEqual(await hosts.resolve(name, "user"), ["127.0.0.1"], name);
    assert.equal(await hosts.resolve(name, "system"), undefined, name);
  }
});

Deno.test("SystemHosts takes 127.0.1.1 for the machine itself, whatever it was called", async () => {
  await using hosts = await hostsFile(
    "127.0.1.1 old.lab.test old\n127.0.0.1 shop.test\n",
  );

  assert.equal(await hosts.resolve("old.lab.test"), undefined);
  assert.deepEqual(await hosts.resolve("old.lab.test", "system"), [
    "127.0.1.1",
  ]);
  assert.deepEqual(await hosts.resolve("shop.test"), ["127.0.0.1"]);
});

Deno.test("SystemHosts does not read what is too large for a hosts file", async () => {
  await using hosts = await hostsFile("10.0.0.1 a.test\n");
  await Deno.truncate(hosts.path, 16 * 1024 * 1024 + 1);

  assert.equal(await hosts.resolve("a.test"), undefined);
});

Deno.test("SystemHosts sees a change of the file", async () => {
  await using hosts = await hostsFile("10.0.0.1 a.test\n");

  assert.deepEqual(await hosts.resolve("a.test"), ["10.0.0.1"]);
  await Deno.writeTextFile(hosts.path, "10.0.0.20 a.test b.test\n");
  assert.deepEqual(await hosts.resolve("a.test"), ["10.0.0.20"]);
  assert.deepEqual(await hosts.resolve("b.test"), ["10.0.0.20"]);
});

Deno.test("SystemHosts knows nothing without a file", async () => {
  const hosts = new SystemHosts("/nowhere/hosts", { machine: "box" });

  assert.equal(await hosts.resolver("user")("a.test", signal), undefined);
  assert.equal(await hosts.resolver("system")("box", signal), undefined);
});
