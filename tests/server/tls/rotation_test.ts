import assert from "node:assert/strict";
import {
  ensureAuthority,
  ensureCertificates,
} from "../../../src/server/tls/certificates.ts";
import {
  changeAuthority,
  describeAuthorities,
  type RotationStep,
} from "../../../src/server/tls/rotation.ts";
import { certificateEnds } from "../../../src/net/tls/certificate_dates.ts";
import { sallyport } from "../../cli/harness.ts";
import { temporaryDirectory } from "../../system/programs.ts";

const DAY = 24 * 3_600_000;
const NOW = Date.now();
const HOSTNAME = "lab.example";

/** A data directory, and what is done in it. */
async function world() {
  const folder = await temporaryDirectory();
  const dataDir = folder.path;
  const about = { hostname: HOSTNAME };
  return {
    dataDir,
    server: (now = NOW) => ensureCertificates(dataDir, { ...about, now }),
    browser: (now = NOW) =>
      ensureAuthority(dataDir, "browser", { ...about, now }),
    change: (
      step: RotationStep,
      kind: "server" | "browser",
      { overlap = 30 * DAY, permitted = [] as string[], now = NOW } = {},
    ) =>
      changeAuthority(dataDir, step, {
        ...{ kind, overlap, permitted, now },
        ...about,
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("clients and browsers get different authorities", async () => {
  await using lab = await world();

  const [server, browser] = [await lab.server(), await lab.browser()];

  assert.notEqual(server.caFingerprint, browser.caFingerprint);
  assert.equal(browser.caFile, `${lab.dataDir}/browser-ca.pem`);
});

Deno.test("a directory of an earlier version keeps its one authority, until the first rotation", async () => {
  await using lab = await world();
  const server = await lab.server();
  await Deno.remove(`${lab.dataDir}/browser-ca.pem`);
  await Deno.remove(`${lab.dataDir}/browser-ca-key.pem`);
  assert.equal((await lab.browser()).caFingerprint, server.caFingerprint);
  assert.deepEqual(
    (await describeAuthorities(lab.dataDir)).map(({ isShared }) => isShared),
    [false, true],
  );

  await lab.change("rotate", "server", { overlap: 0 });

  // Browsers keep what they trust.
  assert.equal((await lab.browser()).caFingerprint, server.caFingerprint);
  assert.notEqual((await lab.server()).caFingerprint, server.caFingerprint);
});

Deno.test("during a rotation two are trusted and the old one signs; then the new one does", async () => {
  await using lab = await world();
  const old = await lab.server();

  await lab.change("rotate", "server");

  const during = await lab.server(NOW + 29 * DAY);
  assert.equal(during.caFingerprint, old.caFingerprint);
  assert.equal(during.certPem, old.certPem);
  assert.equal(certificateEnds(during.trustedPem).length, 2);
  await assert.rejects(
    lab.change("rotate", "server"),
    /a rotation is under way, end it with "sallyport ca switch server"/,
  );
  const [signing, next] = await describeAuthorities(lab.dataDir);
  assert.deepEqual([signing?.isSigning, next?.isSigning], [true, false]);

  const after = await lab.server(NOW + 31 * DAY);

  assert.equal(after.caFingerprint, next?.fingerprint);
  assert.equal(certificateEnds(after.trustedPem).length, 1);
  assert.notEqual(after.certPem, old.certPem);
  // The other one stays as it is.
  assert.equal(certificateEnds((await lab.browser()).trustedPem).length, 1);
});

Deno.test("a rotation can be ended early, and cancelled", async () => {
  await using lab = await world();
  const old = await lab.browser();
  await lab.change("rotate", "browser");
  await lab.change("cancel", "browser");
  assert.equal((await lab.browser()).trustedPem, old.trustedPem);
  await assert.rejects(lab.change("switch", "browser"), /none is under way/);
  await lab.change("rotate", "browser");

  await lab.change("switch", "browser");

  const now = await lab.browser();
  assert.notEqual(now.caFingerprint, old.caFingerprint);
  assert.equal(certificateEnds(now.trustedPem).length, 1);
});

Deno.test("a process that is killed while it changes the files ends that at the next start", async () => {
  await using lab = await world();
  await lab.server();
  await lab.change("rotate", "server");
  const { keyPem, certPem } = JSON.parse(
    await Deno.readTextFile(`${lab.dataDir}/ca-next.json`),
  );
  // The key was written, the certificate was not.
  await Deno.writeTextFile(`${lab.dataDir}/ca-key.pem`, keyPem);

  const { caPem } = await lab.server(NOW + 31 * DAY);

  assert.equal(caPem, certPem);
});

Deno.test("an authority signs for the names that it is limited to, and for no other", async () => {
  await using lab = await world();
  await lab.change("rotate", "browser", {
    permitted: ["staging.example", "10.0.0.0/8"],
  });

  const { authority } = await lab.browser();

  for (const host of ["staging.example", "a.staging.example", "10.2.3.4"]) {
    await authority.issue([host], NOW);
  }
  for (const host of ["example", "xstaging.example", "11.0.0.1", "::1"]) {
    await assert.rejects(
      authority.issue([host], NOW),
      /the CA may not sign for/,
    );
  }
});

Deno.test("sallyport ca lists and rotates", async () => {
  await using lab = await world();
  await lab.server();
  const ca = (...args: string[]) =>
    sallyport(["ca", ...args, `--data-dir=${lab.dataDir}`]);

  const rotated = await ca("rotate", "server", "--permit=lab.example");

  assert.equal(rotated.code, 0, rotated.stderr);
  assert.match(
    rotated.stdout,
    /^CA for the server: signs\n[^]*CA for the server: trusted, signs from 2[^]*signs for {4}lab\.example, localhost/,
  );
  assert.match((await ca("list")).stdout, /CA for the browser: signs\n/);
  assert.equal((await ca("rotate", "nothing")).code, 1);
  assert.match((await ca("rotat", "server")).stderr, /rotate/);
  assert.match(
    (await ca("rotate", "browser", "--permit=*.x")).stderr,
    /expected a domain such as lab\.example/,
  );
});
