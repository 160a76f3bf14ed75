/** @module */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  type CertificateFault,
  certificateFault,
  type FaultOptions,
} from "../../../src/net/tls/certificate_fault.ts";
import {
  certificateWords,
  type CertificateWordsOptions,
} from "../../../src/net/tls/certificate_words.ts";
import { createTestAuthority, type Validity } from "../../testing/certs.ts";

const HOUR = 3_600_000;
const authority = await createTestAuthority();
const ca = new X509Certificate(authority.ca);

async function issued(
  names: readonly string[],
  validity?: Validity,
): Promise<X509Certificate> {
  return new X509Certificate((await authority.issue(names, validity)).cert);
}

function faultOf(
  chain: readonly [X509Certificate, ...X509Certificate[]],
  options: Partial<FaultOptions> = {},
): CertificateFault {
  return certificateFault(chain, {
    ...{ hostname: "shop.test", trusted: [], now: new Date() },
    ...options,
  });
}

const AS_SITE: CertificateWordsOptions = {
  ...{ owner: "site", hostname: "shop.test", caFiles: [] },
  detail: "odd",
};

Deno.test("certificateFault() knows the names that a certificate is for", async () => {
  const own = await issued(["Shop.test", "*.shop.test", "127.0.0.1", "::1"]);
  const wrong: readonly string[] = [
    ...["a.b.shop.test", "xshop.test", ".shop.test.evil", "127.0.0.2", "::2"],
    "test",
  ];

  for (const hostname of ["shop.test", "SHOP.test.", "a.shop.test"]) {
    assert.equal(faultOf([own], { hostname }).kind, "unknownAuthority");
  }
  for (const hostname of ["127.0.0.1"]) {
    assert.equal(faultOf([own], { hostname }).kind, "unknownAuthority");
  }
  for (const hostname of wrong) {
    assert.equal(faultOf([own], { hostname }).kind, "wrongName", hostname);
  }
});

Deno.test("certificateFault() looks at the dates of the whole chain, to the second", async () => {
  const notAfter = new Date(Date.now() - HOUR);
  const old = await createTestAuthority({ name: "Old authority", notAfter });
  const own = new X509Certificate((await old.issue(["shop.test"])).cert);

  const fault = faultOf([own, new X509Certificate(old.ca)]);

  assert.match(
    certificateWords(fault, AS_SITE),
    /^the certificate of its authority "Old authority" expired at \S+Z: /,
  );
  assert.equal(
    faultOf([own], { now: own.validToDate }).kind,
    "unknownAuthority",
  );
  assert.equal(
    faultOf([own], { now: new Date(Number(own.validToDate) + 1) }).kind,
    "expired",
  );
  assert.equal(
    faultOf([own], { now: own.validFromDate }).kind,
    "unknownAuthority",
  );
  assert.equal(
    faultOf([own], { now: new Date(Number(own.validFromDate) - 1) }).kind,
    "notYetValid",
  );
});

Deno.test("certificateFault() does not blame an authority that is trusted", async () => {
  const own = await issued(["shop.test"]);

  const fault = faultOf([own], { trusted: [[ca]] });

  assert.equal(fault.kind, "unusable");
  assert.match(certificateWords(fault, AS_SITE), /^TLS does .*\(odd\): issue/);
});

Deno.test("a certificate that was seen only once gets the remedy that mostly helps", () => {
  assert.match(
    certificateWords({ kind: "unseen" }, AS_SITE),
    /^TLS does not accept it \(odd\): give its certificate with --cacert-file,/,
  );
});

Deno.test("certificateFault() finds the place of an authority of the same name", async () => {
  const own = await issued(["shop.test"]);
  const other = new X509Certificate(
    (await createTestAuthority({ name: "Other" })).ca,
  );
  const again = new X509Certificate((await createTestAuthority()).ca);

  const fault = faultOf([own], { trusted: [[other], [other, again]] });

  assert.deepEqual(fault, {
    kind: "unknownAuthority",
    issuer: "Sallyport test authority",
    renewed: 1,
  });
});

Deno.test("certificateWords() repeats no more than a line of what the peer wrote", () => {
  const names = Array.from(
    { length: 300 },
    (_, at) => `${"x".repeat(300)}${at}`,
  );

  const words = certificateWords({ kind: "wrongName", names }, AS_SITE);

  assert.match(words, /…" and 295 more, not for "shop.test"/);
  assert.ok(words.length < 800, words);
  assert.match(
    certificateWords({ kind: "wrongName", names: [] }, AS_SITE),
    /^it is for no host at all, not for "shop.test": /,
  );
});
