/** Each fault in words, for each owner of a certificate. */
import assert from "node:assert/strict";
import type { CertificateFault } from "../../../src/net/tls/certificate_fault.ts";
import {
  type CertificateOwner,
  certificateWords,
} from "../../../src/net/tls/certificate_words.ts";

const OWNERS: readonly CertificateOwner[] = [
  "site",
  "server",
  "proxy",
  "other",
];
const AT = new Date("2026-11-30T21:11:41.999Z");
const NOW = new Date("2026-12-01T00:00:00Z");
const SKIP = ", or skip the check for this host with --insecure-domains";

function words(
  fault: CertificateFault,
  owner: CertificateOwner = "other",
  caFiles: readonly string[] = [],
): string {
  const hostname = "shop.test";
  return certificateWords(fault, { owner, hostname, caFiles, detail: "odd" });
}

/** The words of all owners, in their order. */
function allWords(fault: CertificateFault): readonly string[] {
  return OWNERS.map((owner) => words(fault, owner));
}

Deno.test("a certificate that has expired is renewed by its owner", () => {
  const fault = { kind: "expired", at: AT, authority: undefined } as const;
  const start = "it expired at 2026-11-30T21:11:41Z: ";
  assert.deepEqual(allWords(fault), [
    `${start}have it renewed${SKIP}`,
    `${start}renew it (server options --tls-cert-file and --tls-key-file)`,
    `${start}have the operator of that proxy renew it`,
    `${start}have it renewed`,
  ]);
  assert.match(
    words({ ...fault, authority: "Root" }),
    /^the certificate of its authority "Root" expired at/,
  );
});

Deno.test("a certificate of tomorrow names both times", () => {
  const fault: CertificateFault = {
    kind: "notYetValid",
    from: NOW,
    now: AT,
    authority: undefined,
  };
  assert.equal(
    words(fault),
    "it is not valid before 2026-12-01T00:00:00Z, and the clock of this " +
      "machine says 2026-11-30T21:11:41Z: set the clock, or issue it again",
  );
});

/** Names → how they are listed. */
const NAMES: readonly (readonly [readonly string[], string])[] = [
  [[], "no host at all"],
  [["a"], '"a"'],
  [["a", "b"], '"a" and "b"'],
  [["a", "b", "c"], '"a", "b" and "c"'],
  [["a", "b", "c", "d", "e"], '"a", "b", "c", "d" and "e"'],
  [["a", "b", "c", "d", "e", "f"], '"a", "b", "c", "d", "e" and 1 more'],
  [["a".repeat(100)], `"${"a".repeat(100)}"`],
  [["a".repeat(101)], `"${"a".repeat(100)}…"`],
];

for (const [names, listed] of NAMES) {
  Deno.test(`a certificate of ${names.length} other names is for ${listed.slice(0, 40)}`, () => {
    assert.equal(
      words({ kind: "wrongName", names }),
      `it is for ${listed}, not for "shop.test": use one of these names, or ` +
        "issue it for this one",
    );
  });
}

Deno.test("a wrong name is mended by its owner", () => {
  const start = 'it is for "a", not for "shop.test": ';
  assert.deepEqual(allWords({ kind: "wrongName", names: ["a"] }), [
    `${start}ask for one of these names, or issue it for this one${SKIP}`,
    `${start}give one of these names in --server, or issue it for this one ` +
    "(server options --external-host and --tls-cert-file)",
    `${start}give one of these names for the proxy, or issue it for this one`,
    `${start}use one of these names, or issue it for this one`,
  ]);
});

Deno.test("a self-signed certificate is trusted, unless it is a CA's", () => {
  const own = { kind: "selfSigned", isCa: false } as const;
  const start = "it is self-signed: give it with --cacert-file";
  assert.deepEqual(allWords(own), [`${start}${SKIP}`, start, start, start]);
  assert.equal(
    words({ ...own, isCa: true }, "site"),
    "it is self-signed and marked as a CA, which TLS accepts from no host: " +
      `issue one without that mark (CA:FALSE)${SKIP}`,
  );
});

Deno.test("an unknown authority is named, and where it was looked for", () => {
  const fault = {
    kind: "unknownAuthority",
    issuer: "Root",
    renewed: undefined,
  } as const;
  const give = "give its certificate with --cacert-file";
  const start = 'its authority "Root" is not built in: ';
  assert.deepEqual(allWords(fault), [
    `${start}${give}${SKIP}`,
    `${start}${give} (a server's own is ca.pem in its data directory)`,
    `${start}${give}`,
    `${start}${give}`,
  ]);
  assert.equal(
    words(fault, "other", ["a.pem", "b.pem", "a.pem"]),
    'its authority "Root" is neither built in nor in a.pem, b.pem: ' + give,
  );
  assert.equal(
    certificateWords(fault, {
      ...{ owner: "other", hostname: "shop.test", hasBuiltIn: false },
      ...{ caFiles: ["the keychain"], detail: "odd" },
    }),
    'its authority "Root" is not in the keychain: ' + give,
  );
});

Deno.test("an authority with a new key is given again", () => {
  const fault = {
    kind: "unknownAuthority",
    issuer: "R".repeat(101),
    renewed: 1,
  } as const;
  const start = `its authority "${"R".repeat(100)}…" has another key than ` +
    "the one of that name in";
  const end = ": give the new one with --cacert-file";
  assert.equal(
    words(fault, "site", ["a.pem", "b.pem"]),
    `${start} b.pem${end}`,
  );
  assert.equal(words(fault, "site"), `${start} the given ones${end}`);
});

Deno.test("a fault without a name says what TLS says", () => {
  const start = "TLS does not accept it (odd): ";
  const give = "give its certificate with --cacert-file";
  assert.deepEqual(allWords({ kind: "unseen" }), [
    `${start}${give}${SKIP}`,
    `${start}${give} (a server's own is ca.pem in its data directory)`,
    `${start}${give}`,
    `${start}${give}`,
  ]);
  const again = `${start}issue another one`;
  assert.deepEqual(allWords({ kind: "unusable" }), [
    ...[again + SKIP, again, again, again],
  ]);
});
