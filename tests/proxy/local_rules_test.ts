/** @module */
import assert from "node:assert/strict";
import {
  firstName,
  fromNetwork,
  fromUser,
  type NameResolver,
} from "../../src/net/names/name_resolver.ts";
import { type Resolver, tableResolver } from "../../src/net/names/resolver.ts";
import {
  denyLocalAddresses,
  type LocalhostMode,
} from "../../src/proxy/local_rules.ts";

const { signal } = new AbortController();

const NAMES = firstName(
  fromUser(tableResolver({
    "mine.test": ["127.0.0.1"],
    "mine6.test": ["::1"],
    "my.localhost": ["127.0.0.1"],
    "blocked.test": ["0.0.0.0"],
    "blocked6.test": ["::"],
    "my-cloud.test": ["169.254.169.254"],
  })),
  fromNetwork(tableResolver({
    "a.test": ["10.0.0.1"],
    "loop.test": ["127.0.0.1"],
    "127.1": ["127.0.0.1"],
    "mixed.test": ["10.0.0.1", "::1"],
    "cloud.test": ["169.254.169.254"],
    "localhost": ["10.0.0.1"],
  })),
);

/** The addresses of `name` under the rules of `mode`. */
function resolve(
  name: string,
  localhost: LocalhostMode = "deny",
  privateMetadata = false,
): ReturnType<Resolver> {
  return denyLocalAddresses(NAMES, { localhost, privateMetadata })(
    name,
    signal,
  );
}

Deno.test("denyLocalAddresses() lets other places pass, and unknown names", async () => {
  assert.deepEqual(await resolve("a.test"), ["10.0.0.1"]);
  assert.deepEqual(await resolve("10.0.0.1"), ["10.0.0.1"]);
  assert.equal(await resolve("unknown.test"), undefined);
});

Deno.test("denyLocalAddresses() denies the machine of the client, however it is spelt", async () => {
  const spellings = [
    ...["localhost", "LOCALHOST", "localhost.", "a.localhost", "loop.test"],
    ...["mixed.test", "127.1", "127.0.0.1", "127.9.9.9", "0.0.0.0"],
    ...["::1", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"],
    ...["64:ff9b::127.0.0.1"],
  ];
  for (const name of spellings) {
    await assert.rejects(resolve(name), {
      name: "ProxyError",
      code: "localhostDenied",
      message: new RegExp(`^Proxying is denied to host "${name}": `),
    });
  }
});

Deno.test("denyLocalAddresses() lets names pass to which the user gave a loopback address", async () => {
  assert.deepEqual(await resolve("mine.test"), ["127.0.0.1"]);
  assert.deepEqual(await resolve("mine6.test"), ["::1"]);
});

Deno.test("denyLocalAddresses() denies localhost, and addresses of no host, whatever the user wrote", async () => {
  for (const name of ["my.localhost", "blocked.test", "blocked6.test"]) {
    await assert.rejects(resolve(name), { code: "localhostDenied" });
  }
});

Deno.test("denyLocalAddresses() does not look up a name that is denied", async () => {
  const untouched: NameResolver = () => assert.fail("The resolver was asked");

  const rules = { localhost: "deny", privateMetadata: true } as const;
  await assert.rejects(
    denyLocalAddresses(untouched, rules)("localhost", signal),
    {
      code: "localhostDenied",
    },
  );
});

Deno.test("denyLocalAddresses() lets the client's machine pass when its user says so", async () => {
  for (const mode of ["allow", "direct"] as const) {
    assert.deepEqual(await resolve("loop.test", mode), ["127.0.0.1"]);
    assert.deepEqual(await resolve("localhost", mode), ["10.0.0.1"]);
    assert.deepEqual(await resolve("::1", mode), ["::1"]);
  }
});

const METADATA = [
  ...["cloud.test", "my-cloud.test", "169.254.169.254"],
  ...["::ffff:169.254.169.254"],
  ...["fe80::1", "fe80::1%eth0", "64:ff9b::a9fe:a9fe"],
  ...["fd00:ec2::254", "FD00:EC2::254", "100.100.100.200", "192.0.0.192"],
];

Deno.test("denyLocalAddresses() denies link-local and metadata addresses in every mode", async () => {
  for (const mode of ["allow", "deny", "direct"] as const) {
    for (const name of METADATA) {
      await assert.rejects(resolve(name, mode), {
        name: "ProxyError",
        code: "addressDenied",
      });
    }
  }
});

Deno.test("denyLocalAddresses() lets link-local and metadata addresses pass when its user says so, and nothing else", async () => {
  for (const name of METADATA) {
    assert.equal((await resolve(name, "deny", true))?.length, 1, name);
  }
  await assert.rejects(resolve("loop.test", "deny", true), {
    code: "localhostDenied",
  });
});
