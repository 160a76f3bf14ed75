/** Until when certificates are valid, each of a file. */
import assert from "node:assert/strict";
import { certificateEnds } from "../../../src/net/tls/certificate_dates.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const BEGIN = new Date("2026-01-02T03:04:05Z");
const END = new Date("2026-05-06T07:08:09Z");

Deno.test("each certificate has its subject and its dates, in the order of the file", async () => {
  const notAfter = new Date("2031-01-01T00:00:00Z");
  const authority = await createTestAuthority({ name: "Lab", notAfter });
  const leaf = await authority.issue(["a.test"], {
    notBefore: BEGIN,
    notAfter: END,
  });

  const ends = certificateEnds(`# chain\n${leaf.cert}\n${authority.ca}\n`);

  assert.deepEqual(ends.map(({ subject, end }) => [subject, end]), [
    ["CN=Sallyport test origin", END.getTime()],
    ["CN=Lab", notAfter.getTime()],
  ]);
  assert.equal(ends[0]?.begin, BEGIN.getTime());
});

Deno.test("a file without certificates has no ends", async () => {
  const authority = await createTestAuthority();
  const { key } = await authority.issue(["a.test"]);
  assert.deepEqual(certificateEnds(""), []);
  assert.deepEqual(certificateEnds(key), []);
});

Deno.test("a certificate that cannot be read is an error", async () => {
  const { ca } = await createTestAuthority();
  const broken = ca.replace(/\n[^-\n]{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
  assert.notEqual(broken, ca);
  assert.throws(() => certificateEnds(broken));
});
