import assert from "node:assert/strict";
// Loads what the X.509 package needs, so it stands before it.
import {
  CertificateError,
  ensureCertificates,
  type ServerCertificates,
} from "../../../src/server/tls/certificates.ts";
import {
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "@peculiar/x509";

const DAY = 24 * 60 * 60 * 1000;
const HOSTNAME = "lab-server";

async function withDataDir(
  run: (dataDir: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(`${folder}/data`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function ensure(
  dataDir: string,
  options: { hosts?: readonly string[]; now?: number } = {},
): Promise<ServerCertificates> {
  return ensureCertificates(dataDir, { hostname: HOSTNAME, ...options });
}

/** Makes a TLS connection to a server with these certificates, as a client that trusts the CA. */
async function greet(
  { certPem, keyPem, caPem }: ServerCertificates,
  serverName: string,
): Promise<string> {
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: certPem,
    key: keyPem,
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
      hostname: serverName,
      caCerts: [caPem],
    });
    const buffer = new Uint8Array(16);
    const count = await conn.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  };
  const [greeting] = await Promise.all([dial(), serve()]);
  return greeting;
}

for (
  const name of [
    "localhost",
    "127.0.0.1",
    HOSTNAME,
    "tunnels.example.com",
    "192.0.2.9",
    "2001:db8::1",
  ]
) {
  Deno.test(`a client that trusts the CA accepts the server as ${name}`, async () => {
    await withDataDir(async (dataDir) => {
      const certificates = await ensure(dataDir, {
        hosts: ["tunnels.example.com", "192.0.2.9", "2001:db8::1"],
      });

      assert.equal(await greet(certificates, name), "hello");
    });
  });
}

Deno.test("Deno.connectTls accepts the server by its address", async () => {
  await withDataDir(async (dataDir) => {
    const { certPem, keyPem, caPem } = await ensure(dataDir);
    using listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: certPem,
      key: keyPem,
    });

    const [client, server] = await Promise.all([
      Deno.connectTls({
        hostname: "127.0.0.1",
        port: listener.addr.port,
        caCerts: [caPem],
      }).then(async (conn) => {
        await conn.handshake();
        return conn;
      }),
      listener.accept().then(async (conn) => {
        await conn.handshake();
        return conn;
      }),
    ]);

    client.close();
    server.close();
  });
});

Deno.test("ensureCertificates() makes files that only their owner may read", async () => {
  await withDataDir(async (dataDir) => {
    const { caFile } = await ensure(dataDir);

    assert.equal(caFile, `${dataDir}/ca.pem`);
    const modes: Record<string, number> = {};
    for await (const { name } of Deno.readDir(dataDir)) {
      const { mode } = await Deno.stat(`${dataDir}/${name}`);
      modes[name] = (mode ?? 0) & 0o077;
    }
    assert.deepEqual(Object.keys(modes).sort(), [
      "browser-ca-key.pem",
      "browser-ca.pem",
      "ca-key.pem",
      "ca.pem",
      "certificates.lock",
      "server.pem",
    ]);
    assert.equal(modes["browser-ca-key.pem"], 0);
    assert.equal(modes["ca-key.pem"], 0);
    assert.equal(modes["server.pem"], 0);
    const { mode } = await Deno.stat(dataDir);
    assert.equal((mode ?? 0) & 0o777, 0o700);
  });
});

Deno.test("ensureCertificates() gives the same certificates again", async () => {
  await withDataDir(async (dataDir) => {
    const first = await ensure(dataDir, { hosts: ["a.test"] });

    assert.deepEqual(await ensure(dataDir, { hosts: ["a.test"] }), first);
  });
});

Deno.test("processes that start at the same time agree on one CA", async () => {
  await withDataDir(async (dataDir) => {
    const [first, ...others] = await Promise.all(
      [1, 2, 3, 4].map(() => ensure(dataDir)),
    );

    for (const other of others) assert.deepEqual(other, first);
  });
});

Deno.test("the fingerprint is what openssl shows", async () => {
  await withDataDir(async (dataDir) => {
    const { caPem, caFingerprint } = await ensure(dataDir);

    const { rawData } = new X509Certificate(caPem);
    const digest = await crypto.subtle.digest("SHA-256", rawData);
    assert.match(caFingerprint, /^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
    assert.equal(
      caFingerprint.replaceAll(":", "").toLowerCase(),
      new Uint8Array(digest).toHex(),
    );
  });
});

Deno.test("the CA is named after the host and lives ten years, the server's certificate 825 days", async () => {
  await withDataDir(async (dataDir) => {
    const now = Date.now();
    const { caPem, certPem } = await ensure(dataDir, { now });

    const ca = new X509Certificate(caPem);
    const leaf = new X509Certificate(certPem);
    assert.equal(ca.subject, "CN=Sallyport CA lab-server");
    assert.equal(leaf.issuer, ca.subject);
    assert.equal(Math.round((ca.notAfter.getTime() - now) / DAY), 3650);
    const span = leaf.notAfter.getTime() - leaf.notBefore.getTime();
    assert.equal(span / DAY, 825);
  });
});

Deno.test("the server's certificate is renewed 30 days before its end, the CA is kept", async () => {
  await withDataDir(async (dataDir) => {
    const now = Date.now();
    const first = await ensure(dataDir, { now });

    const kept = await ensure(dataDir, { now: now + 793 * DAY });
    assert.equal(kept.certPem, first.certPem);
    const renewed = await ensure(dataDir, { now: now + 795 * DAY });
    assert.notEqual(renewed.certPem, first.certPem);
    assert.equal(renewed.caPem, first.caPem);
  });
});

Deno.test("the server's certificate follows its hosts", async () => {
  await withDataDir(async (dataDir) => {
    const first = await ensure(dataDir, { hosts: ["a.test"] });

    const second = await ensure(dataDir, { hosts: ["b.test", "not a name!"] });

    assert.equal(second.caPem, first.caPem);
    const names = new X509Certificate(second.certPem)
      .getExtension(SubjectAlternativeNameExtension)?.names.toJSON();
    assert.deepEqual(names?.map(({ value }) => value), [
      "localhost",
      "127.0.0.1",
      "::1",
      "b.test",
      HOSTNAME,
    ]);
  });
});

Deno.test("the server's certificate is remade when the CA is a new one", async () => {
  await withDataDir(async (dataDir) => {
    await ensure(dataDir);
    await Deno.remove(`${dataDir}/ca.pem`);
    await Deno.remove(`${dataDir}/ca-key.pem`);

    const certificates = await ensure(dataDir);

    assert.equal(await greet(certificates, "localhost"), "hello");
  });
});

Deno.test("what a killed process left half-made does no harm", async () => {
  await withDataDir(async (dataDir) => {
    await Deno.mkdir(dataDir);
    await Deno.writeTextFile(`${dataDir}/ca-key.pem`, "of a CA never finished");
    await Deno.writeTextFile(`${dataDir}/ca.pem.new`, "half");
    await Deno.writeTextFile(`${dataDir}/server.pem.new`, "half");

    const certificates = await ensure(dataDir);

    assert.equal(await greet(certificates, "localhost"), "hello");
    const { mode } = await Deno.stat(`${dataDir}/ca-key.pem`);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  });
});

for (
  const [file, text, why] of [
    ["ca.pem", "nonsense", "it is not a certificate in PEM"],
    ["ca-key.pem", "nonsense", "it contains no private key"],
    [
      "ca-key.pem",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "it is not a private key in PEM",
    ],
    ["server.pem", "nonsense", "it is not a certificate in PEM"],
  ] as const
) {
  Deno.test(`ensureCertificates() names ${file} when ${why}`, async () => {
    await withDataDir(async (dataDir) => {
      await ensure(dataDir);
      await Deno.writeTextFile(`${dataDir}/${file}`, text);

      await assert.rejects(
        ensure(dataDir),
        (error) =>
          error instanceof CertificateError &&
          error.message.startsWith(`Cannot use "${dataDir}/${file}": ${why},`),
      );
      assert.equal(await Deno.readTextFile(`${dataDir}/${file}`), text);
    });
  });
}

Deno.test("ensureCertificates() names the CA's key when it belongs to another CA", async () => {
  await withDataDir(async (dataDir) => {
    await ensure(dataDir);
    await ensure(`${dataDir}/other`);
    await Deno.copyFile(
      `${dataDir}/other/ca-key.pem`,
      `${dataDir}/ca-key.pem`,
    );

    await assert.rejects(
      ensure(dataDir),
      /ca-key\.pem": it belongs to another certificate/,
    );
  });
});

Deno.test("ensureCertificates() says so when the CA's key is missing or the CA has expired", async () => {
  await withDataDir(async (dataDir) => {
    const now = Date.now();
    await ensure(dataDir, { now });

    await assert.rejects(
      ensure(dataDir, { now: now + 3651 * DAY }),
      /ca\.pem": the CA expired on \d{4}-\d\d-\d\d/,
    );
    await Deno.remove(`${dataDir}/ca-key.pem`);
    await assert.rejects(ensure(dataDir), /ca-key\.pem": it is missing/);
  });
});

Deno.test("ensureCertificates() says why it cannot keep anything in a directory", async () => {
  await withDataDir(async (dataDir) => {
    await Deno.writeTextFile(dataDir, "");

    await assert.rejects(ensure(`${dataDir}/inside`), {
      name: "CertificateError",
      message:
        `Cannot keep certificates in "${dataDir}/inside": a part of its path is a file, choose another directory with --data-dir`,
    });
  });
});
