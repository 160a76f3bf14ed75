/** The names that a CA is limited to, in its certificate and where they are asked. */
import "reflect-metadata";
import assert from "node:assert/strict";
import { AsnConvert } from "@peculiar/asn1-schema";
import { NameConstraints } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import {
  isPermitted,
  limitsOf,
  limitTo,
} from "../../../src/server/tls/name_constraints.ts";

async function certificateWith(
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  return await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=CA",
    signingAlgorithm: algorithm,
    keys,
    extensions,
  });
}

/** What is permitted → the addresses that are excluded: all of a version without a range. */
const ROWS = [
  [["lab.test"], ["0.0.0.0/0", "::/0"]],
  [["lab.test", "10.0.0.0/8"], ["::/0"]],
  [["2001:db8::/32"], ["0.0.0.0/0"]],
  [["10.0.0.0/8", "2001:db8::/32", "a.test"], []],
] as const;

for (const [permitted, excluded] of ROWS) {
  Deno.test(`a CA that is limited to ${permitted} says so`, async () => {
    const extension = limitTo(permitted);
    assert.equal(extension.critical, true);
    const certificate = await certificateWith([extension]);
    assert.deepEqual(limitsOf(certificate)?.toSorted(), permitted.toSorted());
    const { excludedSubtrees } = AsnConvert.parse(
      extension.value,
      NameConstraints,
    );
    assert.deepEqual(
      Array.from(excludedSubtrees ?? [], ({ base }) => base.iPAddress),
      excluded,
    );
  });
}

Deno.test("a CA without limits has none", async () => {
  assert.equal(limitsOf(await certificateWith([])), undefined);
});

const LIMITS = ["lab.test", "10.0.0.0/8", "2001:db8::/32"];

/** Host → whether a certificate may be made for it. */
const HOSTS = [
  ["lab.test", true],
  ["LAB.test", true],
  ["a.b.lab.test", true],
  ["lab.test.evil", false],
  ["evillab.test", false],
  ["test", false],
  ["10.255.255.255", true],
  ["11.0.0.0", false],
  ["2001:db8::1", true],
  ["2001:db9::1", false],
] as const;

for (const [host, permitted] of HOSTS) {
  Deno.test(`${host} is ${permitted ? "" : "not "}permitted`, () => {
    assert.equal(isPermitted(host, LIMITS), permitted);
  });
}

Deno.test("nothing is permitted without limits of its kind", () => {
  assert.equal(isPermitted("10.0.0.1", ["lab.test"]), false);
  assert.equal(isPermitted("lab.test", ["10.0.0.0/8"]), false);
  assert.equal(isPermitted("lab.test", []), false);
});
