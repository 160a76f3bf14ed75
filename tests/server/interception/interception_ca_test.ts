import assert from "node:assert/strict";
// @peculiar/x509 needs the decorators' metadata before it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { CertificateError } from "../../../src/server/tls/certificates.ts";
import {
  type CaKeyPair,
  loadInterceptionCa,
} from "../../../src/server/interception/interception_ca.ts";

const DAY = 24 * 3_600_000;
const NOWHERE = "/nowhere";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const P384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
};

type KeyAlgorithm = typeof P256 | typeof P384 | typeof RSA;

async function keysOf(algorithm: KeyAlgorithm): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  assert.ok("privateKey" in keys);
  return keys;
}

async function pemOf(key: CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(der, "PRIVATE KEY");
}

async function makeCa(
  algorithm: KeyAlgorithm,
  { isCa = true, notAfter = new Date(Date.now() + DAY) } = {},
): Promise<CaKeyPair> {
  const keys = await keysOf(algorithm);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=Company CA",
    notBefore: new Date(Date.now() - 2 * DAY),
    notAfter,
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(isCa, undefined, true)],
  });
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: await pemOf(keys.privateKey),
  };
}

/** What a listener with a certificate of this CA sends to a client that trusts only this CA. */
async function greetWith(given: CaKeyPair): Promise<string> {
  const { authority, chain, caPem } = await loadInterceptionCa(given, NOWHERE);
  const leaf = await authority.issue(["shop.test"], Date.now());
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: leaf.certPem + chain,
    key: leaf.keyPem,
  });
  const serve = async () => {
    using conn = await listener.accept();
    await conn.write(new TextEncoder().encode("hello"));
    await conn.closeWrite();
  };
  const dial = async () => {
    const tcp = await Deno.connect({
      hostname: "127.0.0.1",
      port: listener.addr.port,
    });
    using conn = await Deno.startTls(tcp, {
      hostname: "shop.test",
      caCerts: [caPem],
    });
    const into = new Uint8Array(10);
    const count = await conn.read(into);
    return new TextDecoder().decode(into.subarray(0, count ?? 0));
  };
  const [, greeting] = await Promise.all([serve(), dial()]);
  return greeting;
}

const KEYS: readonly (readonly [string, KeyAlgorithm])[] = [
  ["ECDSA P-256", P256],
  ["ECDSA P-384", P384],
  ["RSA", RSA],
];

for (const [name, algorithm] of KEYS) {
  Deno.test(`loadInterceptionCa() takes a CA with a key of ${name}`, async () => {
    assert.equal(await greetWith(await makeCa(algorithm)), "hello");
  });
}

Deno.test("loadInterceptionCa() signs with an intermediate CA and sends all that signed it", async () => {
  const root = await makeCa(P256);
  const rootCertificate = new x509.X509Certificate(root.cert);
  const [rootKey] = x509.PemConverter.decode(root.key);
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    rootKey ?? assert.fail(),
    P256,
    true,
    ["sign"],
  );
  const keys = await keysOf(P256);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=Lab CA",
    issuer: rootCertificate.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: P256,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const given = {
    cert: `${certificate.toString("pem")}\n${root.cert}`,
    key: await pemOf(keys.privateKey),
  };

  const { caPem } = await loadInterceptionCa(given, NOWHERE);

  assert.equal(caPem, root.cert);
  assert.equal(await greetWith(given), "hello");
});

Deno.test("loadInterceptionCa() says why a CA cannot be used", async () => {
  const good = await makeCa(P256);
  const other = await makeCa(P256);
  const leaf = await makeCa(P256, { isCa: false });
  const old = await makeCa(P256, { notAfter: new Date(Date.now() - DAY) });
  const cases: readonly (readonly [CaKeyPair, RegExp])[] = [
    [{ ...good, key: other.key }, /: it belongs to another certificate, /],
    [leaf, /: it is not the certificate of a CA, /],
    [old, /: it expired on 20/],
    [{ ...good, cert: "nothing" }, /: the file contains no certificate, /],
    [{ ...good, key: "nothing" }, /: it contains no private key, /],
    [{ ...good, key: (await makeCa(RSA)).key }, /: certificate or key cannot/],
  ];

  for (const [given, message] of cases) {
    await assert.rejects(
      loadInterceptionCa(given, NOWHERE),
      (error) =>
        error instanceof CertificateError && message.test(error.message) &&
        !error.message.includes("PRIVATE"),
      String(message),
    );
  }
});

Deno.test("loadInterceptionCa() makes a CA in the data directory and keeps it", async () => {
  const folder = await Deno.makeTempDir();

  const first = await loadInterceptionCa(undefined, folder);
  const second = await loadInterceptionCa(undefined, folder);
  await Deno.remove(folder, { recursive: true });

  assert.equal(first.caPem, second.caPem);
});
