/** What a CA is asked to sign, and what counts as signed. */
import "reflect-metadata";
import assert from "node:assert/strict";
import * as x509 from "@peculiar/x509";
import {
  type CertificateRequest,
  makeCertificateRequest,
  matches,
} from "../../../src/server/acme/certificate_request.ts";

const NAMES = ["a.test", "b.test"];

/** A certificate for the key of a request. */
async function signed(
  { publicKey }: CertificateRequest,
  names: readonly string[],
): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "01",
    subject: "CN=a",
    issuer: "CN=ca",
    publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value): x509.JsonGeneralName => ({ type: "dns", value })),
      ),
    ],
  });
  return certificate.toString("pem");
}

Deno.test("a request names all hosts, and is signed by its own key", async () => {
  const { csr, keyPem } = await makeCertificateRequest(NAMES);
  assert.match(csr, /^[\w-]+$/);
  const request = new x509.Pkcs10CertificateRequest(
    Uint8Array.fromBase64(csr, { alphabet: "base64url" }),
  );
  assert.equal(await request.verify(), true);
  const san = request.extensions.find((each) =>
    each instanceof x509.SubjectAlternativeNameExtension
  );
  assert.deepEqual(san?.names.items.map(({ type, value }) => [type, value]), [
    ["dns", "a.test"],
    ["dns", "b.test"],
  ]);
  assert.match(keyPem, /^-----BEGIN PRIVATE KEY-----[^]+KEY-----\n$/);
});

Deno.test("each request has a key of its own", async () => {
  const [one, two] = await Promise.all([
    makeCertificateRequest(NAMES),
    makeCertificateRequest(NAMES),
  ]);
  assert.notEqual(one.keyPem, two.keyPem);
});

Deno.test("a certificate is right with the key and all names of its request", async () => {
  const request = await makeCertificateRequest(NAMES);
  assert.equal(
    await matches(await signed(request, NAMES), request, NAMES),
    true,
  );
  const more = await signed(request, [...NAMES, "c.test"]);
  assert.equal(await matches(more, request, NAMES), true);
  const fewer = await signed(request, ["a.test"]);
  assert.equal(await matches(fewer, request, NAMES), false);
  const other = await signed(await makeCertificateRequest(NAMES), NAMES);
  assert.equal(await matches(other, request, NAMES), false);
});

Deno.test("the first certificate of a chain counts", async () => {
  const request = await makeCertificateRequest(NAMES);
  const own = await signed(request, NAMES);
  const other = await signed(await makeCertificateRequest(NAMES), NAMES);
  assert.equal(await matches(`${own}\n${other}`, request, NAMES), true);
  assert.equal(await matches(`${other}\n${own}`, request, NAMES), false);
});

for (
  const text of [
    "",
    "nothing",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
  ]
) {
  Deno.test(`${JSON.stringify(text.slice(0, 20))} does not count as a certificate`, async () => {
    const request = await makeCertificateRequest(NAMES);
    assert.equal(await matches(text, request, NAMES), false);
  });
}
