/** How a program is asked whether it is ready. */
import assert from "node:assert/strict";
import { readyStatus } from "../../../src/cli/commands/ready_probe.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { freePort } from "../../testing/free_port.ts";
import { TcpServer } from "../../testing/tcp_server.ts";

/** A program that says this, and the request that it got. */
function program(reply: string | undefined) {
  const asked: string[] = [];
  const server = new TcpServer(async (conn) => {
    const buffer = new Uint8Array(4096);
    const count = await conn.read(buffer) ?? 0;
    asked.push(new TextDecoder().decode(buffer.subarray(0, count)));
    if (reply === undefined) await conn.read(buffer);
    else await conn.write(bytesOf(reply));
    conn.close();
  });
  const endpoint = () => ({ hostname: "127.0.0.1", port: server.port });
  return { server, asked, endpoint };
}

for (const status of [200, 503]) {
  Deno.test(`a program that says ${status} is heard`, async () => {
    const { server, asked, endpoint } = program(`HTTP/1.1 ${status} x\r\n\r\n`);
    await using _open = server;
    assert.equal(await readyStatus({ endpoint: endpoint() }), status);
    const [line, ...fields] = asked[0]?.split("\r\n") ?? [];
    assert.equal(line, "GET /readyz HTTP/1.1");
    assert.ok(fields.includes(`Host: 127.0.0.1:${server.port}`));
    assert.doesNotMatch(asked[0] ?? "", /authorization/i);
  });
}

Deno.test("credentials go with it, with all colons of the password", async () => {
  const { server, asked, endpoint } = program("HTTP/1.1 200 x\r\n\r\n");
  await using _open = server;
  await readyStatus({ endpoint: endpoint(), basicAuth: "ann:a:b" });
  const value = `Basic ${btoa("ann:a:b")}`;
  assert.ok(asked[0]?.includes(`Authorization: ${value}\r\n`));
});

Deno.test("an address of all interfaces is reached on this machine", async () => {
  const { server, endpoint } = program("HTTP/1.1 200 x\r\n\r\n");
  await using _open = server;
  const everywhere = { ...endpoint(), hostname: "0.0.0.0" };
  assert.equal(await readyStatus({ endpoint: everywhere }), 200);
});

Deno.test("TLS is spoken without a look at the certificate", async () => {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["other.test"]);
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
  });
  const serving = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(4096));
    await conn.write(bytesOf("HTTP/1.1 200 x\r\n\r\n"));
    // Until the probe has left.
    while (await conn.read(new Uint8Array(4096)).catch(() => null) !== null);
  })();
  const endpoint = { hostname: "127.0.0.1", port: listener.addr.port };
  assert.equal(await readyStatus({ endpoint, secure: true }), 200);
  await serving;
});

Deno.test("a program that is not there, does not respond or says something else", async () => {
  const nobody = { hostname: "127.0.0.1", port: freePort() };
  await assert.rejects(readyStatus({ endpoint: nobody }), {
    message: "connection failed",
  });
  const noise = program("220 mail\r\n\r\n");
  await using _noise = noise.server;
  await assert.rejects(readyStatus({ endpoint: noise.endpoint() }), {
    message: "that port does not speak HTTP",
  });
  await assert.rejects(
    readyStatus({ endpoint: noise.endpoint(), secure: true }),
    { message: "that port does not speak TLS" },
  );
  const silent = program(undefined);
  await using _silent = silent.server;
  await assert.rejects(readyStatus({ endpoint: silent.endpoint() }), {
    message: "no response within 2 seconds",
  });
});
