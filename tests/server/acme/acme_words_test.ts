import assert from "node:assert/strict";
import { AcmeError, said } from "../../../src/server/acme/acme_error.ts";
import { acmeWords } from "../../../src/server/acme/acme_words.ts";

const ABOUT = {
  domains: ["lab.example", "proxy.lab.example"],
  directory: "https://ca.example/dir",
} as const;

Deno.test("acmeWords() names the domain, the challenge, what the CA says and what to do", () => {
  const error = new AcmeError("no valid A records", {
    kind: "dns",
    domain: "lab.example",
  });

  assert.equal(
    acmeWords(error, { ...ABOUT, kind: "tls-alpn-01" }),
    'Cannot get a certificate for "lab.example": the CA "ca.example" says ' +
      "by TLS-ALPN-01: no valid A records, let an A or AAAA record of that " +
      "name lead to this server",
  );
});

Deno.test("acmeWords() names all domains when it is about none", () => {
  const error = new AcmeError("too many certificates", {
    kind: "rateLimited",
  });

  assert.equal(
    acmeWords(error, { ...ABOUT, kind: "http-01" }),
    'Cannot get a certificate for "lab.example", "proxy.lab.example": the CA ' +
      '"ca.example" says: too many certificates, wait: the server tries ' +
      "again when the CA allows it",
  );
});

Deno.test("said() keeps what a CA writes on one line of limited length", () => {
  const text = said(`a\nb${"x".repeat(9_000)}`);

  assert.match(text, /^a bx+…$/);
  assert.equal(text.length, 301);
});
