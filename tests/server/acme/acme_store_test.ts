/** What a CA has given is kept for that CA alone. */
import assert from "node:assert/strict";
import { AcmeStore } from "../../../src/server/acme/acme_store.ts";

const CA = "https://ca.test/directory";
const CERT = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nBB\n-----END PRIVATE KEY-----\n";

async function setUp() {
  const folder = await Deno.makeTempDir();
  return {
    folder,
    store: new AcmeStore(folder, CA),
    names: async () =>
      (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
        .sort(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("nothing is there at first", async () => {
  await using world = await setUp();
  assert.equal(await world.store.account(), undefined);
  assert.equal(await world.store.certificate(), undefined);
  assert.equal(await world.store.attempts(), undefined);
  await world.store.saveAttempts(undefined);
  assert.deepEqual(await world.names(), []);
});

Deno.test("an account, a certificate and attempts are found by the next start", async () => {
  await using world = await setUp();
  await world.store.saveAccount({ keyPem: KEY, url: "https://ca.test/1" });
  await world.store.saveCertificate({
    certPem: `${CERT}\n${CERT}`,
    keyPem: KEY,
  });
  const attempts = { failures: 2, lastAttempt: 7, notBefore: 9 };
  await world.store.saveAttempts(attempts);

  const again = new AcmeStore(world.folder, CA);
  assert.deepEqual(await again.account(), {
    directory: CA,
    keyPem: KEY,
    url: "https://ca.test/1",
  });
  assert.deepEqual(await again.certificate(), {
    certPem: `${CERT}\n${CERT}`,
    keyPem: KEY,
  });
  assert.deepEqual(await again.attempts(), attempts);

  await again.saveAttempts(undefined);
  assert.equal(await world.store.attempts(), undefined);
  const names = await world.names();
  assert.match(
    names.join(),
    /^acme-\w{12}-account\.json,acme-\w{12}-certificate\.pem$/,
  );
});

Deno.test("another CA has files of its own", async () => {
  await using world = await setUp();
  await world.store.saveAccount({ keyPem: KEY });
  const other = new AcmeStore(world.folder, `${CA}2`);
  assert.equal(await other.account(), undefined);
  await other.saveAccount({ keyPem: KEY });
  assert.equal((await world.names()).length, 2);
});

Deno.test("only their owner may read the files", async () => {
  await using world = await setUp();
  await world.store.saveAccount({ keyPem: KEY });
  await world.store.saveCertificate({ certPem: CERT, keyPem: KEY });
  await world.store.saveAttempts({ failures: 1, lastAttempt: 1 });
  const names = await world.names();
  assert.equal(names.length, 3);
  for (const name of names) {
    const { mode } = await Deno.stat(`${world.folder}/${name}`);
    assert.equal((mode ?? 0) & 0o777, 0o600, name);
  }
});

for (const text of ["", "{", "{}", '{"directory":"a"}', "[]"]) {
  Deno.test(`files with ${JSON.stringify(text)} are as good as none`, async () => {
    await using world = await setUp();
    await world.store.saveAccount({ keyPem: KEY });
    await world.store.saveAttempts({ failures: 1, lastAttempt: 1 });
    for (const name of await world.names()) {
      await Deno.writeTextFile(`${world.folder}/${name}`, text);
    }
    assert.equal(await world.store.account(), undefined);
    assert.equal(await world.store.attempts(), undefined);
  });
}

Deno.test("a certificate without its key does not count", async () => {
  await using world = await setUp();
  await world.store.saveCertificate({ certPem: CERT, keyPem: KEY });
  const [name = ""] = await world.names();
  await Deno.writeTextFile(`${world.folder}/${name}`, CERT);
  assert.equal(await world.store.certificate(), undefined);
});
