/**
 * Promise: certificates that change in their files are used by new
 * connections, without a restart. Connections that exist stay open, and a bad
 * file changes nothing.
 */
import assert from "node:assert/strict";
import { CertificateAuthority } from "../../src/server/tls/certificate_authority.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { startEchoServer } from "../testing/tcp_server.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  SIGNALS,
  startAgain,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "../system/programs.ts";

const AUTHORIZATION = `Proxy-Authorization: Basic ${btoa(CREDENTIALS)}\r\n`;

/** Opens a connection to `authority` through the proxy. */
async function connect(port: number, authority: string): Promise<RawClient> {
  const raw = await RawClient.connect({ port });
  await raw.send(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${AUTHORIZATION}\r\n`,
  );
  assert.match(await raw.readHead(), /^HTTP\/1\.1 200 /);
  return raw;
}

async function assertEchoes(raw: RawClient, text: string): Promise<void> {
  await raw.send(text);
  assert.equal(
    new TextDecoder().decode(await raw.readExactly(text.length)),
    text,
  );
}

/** Whether a client that trusts `ca` alone accepts the certificate of this port. */
async function isTrusted(port: number, ca: string): Promise<boolean> {
  try {
    using conn = await Deno.connectTls({
      hostname: "127.0.0.1",
      port,
      caCerts: [ca],
    });
    await within(conn.handshake(), "the handshake");
    return true;
  } catch {
    return false;
  }
}

function isTcp(conn: Deno.Conn): conn is Deno.TcpConn {
  return "setNoDelay" in conn;
}

/** The status of a request over TLS inside of CONNECT, to a browser that trusts `ca` alone. */
async function statusInside(
  { proxyPort, authority, ca }: {
    readonly proxyPort: number;
    readonly authority: string;
    readonly ca: string;
  },
): Promise<string> {
  const raw = await connect(proxyPort, authority);
  const [hostname = ""] = authority.split(":");
  const { conn: tcp } = raw;
  assert(isTcp(tcp));
  const conn = Deno.startTls(tcp, { hostname, caCerts: [ca] });
  using inside = RawClient.over(await within(conn, "TLS inside"));
  await inside.send(
    `GET /bytes/1 HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`,
  );
  return (await inside.readHead()).slice(9, 12);
}

Deno.test("a server and a client take what has changed for new connections", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => createTestAuthority()),
  );
  assert(first !== undefined && second !== undefined);
  const [oldCa, newCa] = await Promise.all(["old", "new"].map(async (name) => {
    const made = await CertificateAuthority.create(name, Date.now());
    return { cert: made.certPem, key: made.keyPem };
  }));
  assert(oldCa !== undefined && newCa !== undefined);
  let files = {
    tls: await first.issue(["127.0.0.1"]),
    interceptionCa: oldCa,
  };
  let trusted = [first.ca];
  await using echo = startEchoServer();
  await using origin = await startOrigin("https", ["shop.test"]);
  await using server = await startTestServer({
    ...files,
    rereadCertificates: () => Promise.resolve(files),
  });
  await using client = await startTestClient(server, {
    caCerts: trusted,
    rereadCaCerts: () => Promise.resolve(trusted),
    tlsResignDomains: ["^shop"],
  });
  const { port: rest } = new URL(server.url);
  const proxyPort = server.proxyAddress.port;
  const authority = `shop.test:${new URL(origin.url).port}`;
  const shop = { proxyPort, authority };
  using open = await connect(proxyPort, `127.0.0.1:${echo.port}`);
  await assertEchoes(open, "before");
  // The client does not trust the site yet.
  assert.equal(await statusInside({ ...shop, ca: oldCa.cert }), "502");

  files = {
    tls: await second.issue(["127.0.0.1"]),
    interceptionCa: newCa,
  };
  trusted = [second.ca, origin.ca ?? ""];
  await Promise.all([server.reload(), client.reload()]);

  for (const port of [Number(rest), server.tunnelAddress.port]) {
    assert.deepEqual(
      [await isTrusted(port, second.ca), await isTrusted(port, first.ca)],
      [true, false],
    );
  }
  assert.equal(await statusInside({ ...shop, ca: newCa.cert }), "200");
  await assert.rejects(statusInside({ ...shop, ca: oldCa.cert }));
  await assertEchoes(open, "after");

  files = {
    // The key of another certificate.
    tls: { ...files.tls, key: (await first.issue(["127.0.0.1"])).key },
    interceptionCa: { cert: "nonsense", key: "nonsense" },
  };
  trusted = ["nonsense"];
  await Promise.all([server.reload(), client.reload()]);

  assert(await isTrusted(Number(rest), second.ca));
  assert.equal(await statusInside({ ...shop, ca: newCa.cert }), "200");
  await assertEchoes(open, "still");
});

Deno.test("a server looks for new certificates by itself", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => createTestAuthority()),
  );
  assert(first !== undefined && second !== undefined);
  let tls = await first.issue(["127.0.0.1"]);
  await using server = await startTestServer({
    tls,
    certificateInterval: 20,
    rereadCertificates: () => Promise.resolve({ tls }),
  });
  const port = Number(new URL(server.url).port);
  assert(await isTrusted(port, first.ca));

  tls = await second.issue(["127.0.0.1"]);
  const untilTrusted = async () => {
    while (!await isTrusted(port, second.ca));
  };

  await within(untilTrusted(), "the new certificate");
});

Deno.test(
  "SIGHUP makes programs read their certificates again",
  SIGNALS,
  async () => {
    await using folder = await temporaryDirectory();
    const [first, second] = await Promise.all(
      [1, 2].map(() => createTestAuthority()),
    );
    assert(first !== undefined && second !== undefined);
    const paths = {
      cert: `${folder.path}/cert.pem`,
      key: `${folder.path}/key.pem`,
      ca: `${folder.path}/ca.pem`,
    };
    const write = async (authority: typeof first) => {
      const { cert, key } = await authority.issue(["127.0.0.1", "localhost"]);
      await Deno.writeTextFile(paths.cert, cert);
      await Deno.writeTextFile(paths.key, key);
    };
    await write(first);
    await Deno.writeTextFile(paths.ca, first.ca);
    const args = [
      `--tls-cert-file=${paths.cert}`,
      `--tls-key-file=${paths.key}`,
    ];
    await using origin = await startOrigin();
    await using server = await startServerProgram({ args });
    await using client = await startClientProgram({
      ...server,
      caFile: paths.ca,
    });

    await Deno.writeTextFile(paths.ca, second.ca);
    client.process.signal("SIGHUP");
    await client.process.event("new certificates are in use", {
      certificates: "cacert-file",
    });
    await write(second);
    server.process.signal("SIGHUP");
    await server.process.event("new certificates are in use", {
      certificates: "server",
    });

    const port = Number(new URL(server.url).port);
    assert(await isTrusted(port, second.ca));
    const proxy = { port: server.proxyPort, credentials: CREDENTIALS };
    assert.equal((await get(`${origin.url}/bytes/1`, proxy)).status, 200);
    // The client returns to a server with the new certificate.
    server.process.signal("SIGKILL");
    await server.process.exit();
    await using _again = await startAgain(server, {}, args);
    await within(
      (async () => {
        while ((await get(`${origin.url}/bytes/1`, proxy)).status !== 200);
      })(),
      "the client to return",
    );
  },
);
