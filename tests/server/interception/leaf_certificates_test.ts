import assert from "node:assert/strict";
import { SharedTables } from "../../../src/server/accounts/shared_tables.ts";
import { directoryOf } from "../directory.ts";
import { X509Certificate } from "node:crypto";
import {
  CertificateAuthority,
  type KeyedCertificate,
} from "../../../src/server/tls/certificate_authority.ts";
import { LeafCertificates } from "../../../src/server/interception/leaf_certificates.ts";
// Its metadata is loaded by the authority.
import { X509Certificate as PeculiarCertificate } from "@peculiar/x509";

/** Joe is of another organization. */
const PLACES = { ann: "acme", bob: "acme", joe: "umbrella" } as const;

const DAY = 24 * 3_600_000;

async function newAuthority(): Promise<CertificateAuthority> {
  const { certPem, keyPem } = await CertificateAuthority.create(
    "lab",
    Date.now(),
  );
  return await CertificateAuthority.load(
    new PeculiarCertificate(certPem),
    keyPem,
  );
}

Deno.test("LeafCertificates makes one for each host and keeps it for a week", async () => {
  let now = Date.now();
  const leaves = new LeafCertificates({
    authority: await newAuthority(),
    chain: "",
    now: () => now,
  });

  const first = await leaves.identityOf("shop.test");
  const again = await leaves.identityOf("shop.test");
  const other = await leaves.identityOf("other.test");
  now += 7 * DAY;
  const renewed = await leaves.identityOf("shop.test");

  assert.equal(again, first);
  assert.notEqual(other, first);
  assert.notEqual(renewed, first);
});

Deno.test("LeafCertificates drops the least recently used host", async () => {
  const leaves = new LeafCertificates({
    authority: await newAuthority(),
    chain: "",
    maxKept: 3,
  });
  const often = await leaves.identityOf("often.test");
  const seldom = await leaves.identityOf("seldom.test");

  await leaves.identityOf("a.test");
  await leaves.identityOf("often.test");
  await leaves.identityOf("b.test");

  assert.equal(await leaves.identityOf("often.test"), often);
  assert.notEqual(await leaves.identityOf("seldom.test"), seldom);
});

Deno.test("LeafCertificates: no organization pushes out the hosts of another, or learns of them", async () => {
  const leaves = new LeafCertificates({
    authority: await newAuthority(),
    chain: "",
    maxKept: 3,
    shares: new SharedTables(directoryOf(PLACES)),
  });
  const joes = await leaves.identityOf("shop.test", "joe");

  const anns = await leaves.identityOf("shop.test", "ann");
  for (const host of ["a", "b", "c", "d"]) {
    await leaves.identityOf(`${host}.test`, "ann");
  }

  assert.notEqual(anns, joes);
  assert.equal(await leaves.identityOf("shop.test", "joe"), joes);
});

const HOSTS: readonly (readonly [host: string, san: string])[] = [
  ["shop.test", "DNS:shop.test"],
  ["127.0.0.1", "IP Address:127.0.0.1"],
  ["::1", "IP Address:::1"],
  [`${"a".repeat(63)}.${"b".repeat(63)}.test`, "DNS:aaa"],
];

for (const [host, san] of HOSTS) {
  Deno.test(`CertificateAuthority issues for ${host.slice(0, 20)}, with the given lifetime`, async () => {
    const authority = await newAuthority();
    const leaf: KeyedCertificate = await authority.issue([host], Date.now(), {
      lifetime: 14 * DAY,
    });
    const { subjectAltName, subject, validFrom, validTo } = new X509Certificate(
      leaf.certPem,
    );

    assert.ok(subjectAltName?.startsWith(san), subjectAltName);
    assert.ok(subject.length <= "CN=".length + 64);
    assert.equal(Date.parse(validTo) - Date.parse(validFrom), 14 * DAY);
  });
}

Deno.test("LeafCertificates counts what it issues for each organization", async () => {
  const shares = new SharedTables(directoryOf(PLACES));
  const authority = await newAuthority();
  const leaves = new LeafCertificates({ authority, chain: "", shares });

  await leaves.identityOf("a.test", "ann");
  await leaves.identityOf("a.test", "bob");
  await leaves.identityOf("b.test", "bob");
  await leaves.identityOf("a.test", "joe");

  const issued = (user: string) => shares.tallyOf(user).certificatesIssued;
  assert.deepEqual([issued("ann"), issued("joe")], [2, 1]);
});
