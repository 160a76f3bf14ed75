import assert from "node:assert/strict";
import {
  trustedStores,
  type TrustPlatform,
  trustSystem,
} from "../../../src/net/tls/system_trust.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const { ca } = await createTestAuthority();

/** A machine with these variables and files. */
function machine(
  { name = "linux", env = {}, files = [], certificates = () => [ca] }: {
    readonly name?: TrustPlatform["name"];
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: readonly string[];
    readonly certificates?: () => readonly string[];
  } = {},
): TrustPlatform & { readonly env: Map<string, string> } {
  const variables = new Map(Object.entries(env));
  return {
    name,
    env: variables,
    get: (variable) => variables.get(variable),
    set: (variable, value) => void variables.set(variable, value),
    canRead: (path) => files.includes(path),
    certificates,
  };
}

Deno.test("trustSystem() makes the certificates of the system count", () => {
  const here = machine();
  assert.equal(trustSystem(here), undefined);
  assert.equal(here.env.get("DENO_TLS_CA_STORE"), "system,mozilla");
});

Deno.test("trustSystem() leaves the stores that the user has chosen", () => {
  const here = machine({ env: { DENO_TLS_CA_STORE: "mozilla" } });
  assert.equal(trustSystem(here), undefined);
  assert.equal(here.env.get("DENO_TLS_CA_STORE"), "mozilla");
});

Deno.test("trustSystem() refuses a store that would end every connection", () => {
  const env = { SSL_CERT_FILE: "/gone.pem" };
  const here = machine({ env });
  assert.equal(
    trustSystem(here),
    "The certificates of the system are not trusted: SSL_CERT_FILE names " +
      '"/gone.pem", which cannot be read, set it to a file in PEM or unset it',
  );
  assert.equal(here.env.get("DENO_TLS_CA_STORE"), undefined);
  const there = machine({ env, files: ["/gone.pem"] });
  assert.equal(trustSystem(there), undefined);
  assert.equal(there.env.get("DENO_TLS_CA_STORE"), "system,mozilla");
});

/** A system, what is there, and where its certificates are. */
const PLACES = [
  ["linux", ["/etc/ssl/ca-bundle.pem"], '"/etc/ssl/ca-bundle.pem"'],
  ["linux", [], "the certificates of the system, which has none"],
  ["darwin", [], "the keychain"],
  ["windows", [], "the certificate store of Windows"],
] as const;

for (const [name, files, place] of PLACES) {
  Deno.test(`trustedStores() names ${place} on ${name}`, () => {
    const here = machine({ name, files });
    trustSystem(here);
    const { system, hasBuiltIn, certificates } = trustedStores(here);
    assert.equal(system, place);
    assert.equal(hasBuiltIn, true);
    assert.deepEqual(certificates.map(({ subject }) => subject), [
      "CN=Sallyport test authority",
    ]);
  });
}

Deno.test("trustedStores() names the file that takes the system's place", () => {
  const env = { SSL_CERT_FILE: "/own.pem", DENO_TLS_CA_STORE: "system" };
  const { system, hasBuiltIn } = trustedStores(machine({ env }));
  assert.equal(system, '"/own.pem" (SSL_CERT_FILE)');
  assert.equal(hasBuiltIn, false);
});

Deno.test("trustedStores() has no system where only built-in ones count", () => {
  const { system, hasBuiltIn, certificates } = trustedStores(machine());
  assert.deepEqual([system, hasBuiltIn, certificates], [undefined, true, []]);
});

Deno.test("trustedStores() passes over what it cannot ask for or read", () => {
  const env = { DENO_TLS_CA_STORE: "system,mozilla" };
  const refused = machine({
    env,
    certificates() {
      throw new Deno.errors.NotCapable("sys");
    },
  });
  assert.deepEqual(trustedStores(refused).certificates, []);
  const odd = machine({ env, certificates: () => ["no certificate", ca] });
  assert.equal(trustedStores(odd).certificates.length, 1);
});
