import assert from "node:assert/strict";
import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import { copy, writeAll } from "../../../src/net/stream/copy.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import {
  type TerminatedTls,
  terminateTls,
  type TlsIdentity,
  tlsIdentity,
} from "../../../src/net/tls/tls_terminator.ts";
import { startTlsOver } from "../../../src/net/tls/start_tls_over.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";

/** Accepts one connection and ends its TLS. */
async function accept(
  identity: TlsIdentity,
  connect: (port: number) => Promise<void>,
  options: { readonly timeout?: number } = {},
): Promise<[PromiseSettledResult<TerminatedTls>, PromiseSettledResult<void>]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const conn = await listener.accept();
    const accepted = await terminateTls(conn, { identity, ...options });
    const { stream } = accepted;
    await copy(stream, stream);
    await stream.closeWrite();
    closeQuietly(stream);
    return accepted;
  })();
  const [served, connected] = await within(
    Promise.allSettled([serving, connect(listener.addr.port)]),
    "both ends",
  );
  return [served, connected];
}

async function certified(): Promise<{ identity: TlsIdentity; ca: string }> {
  const authority = await createTestAuthority();
  const leaf = await authority.issue(["shop.test", "127.0.0.1"]);
  return { identity: tlsIdentity(leaf), ca: authority.ca };
}

for (const protocol of ["h2", "http/1.1"] as const) {
  Deno.test(`terminateTls() agrees on ${protocol} and carries bytes and both ends`, async () => {
    const { identity, ca } = await certified();
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    let got = new Uint8Array();

    const [served, connected] = await accept(identity, async (port) => {
      using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
      using conn = await Deno.startTls(tcp, {
        hostname: "shop.test",
        caCerts: [ca],
        alpnProtocols: [protocol],
      });
      const writing = writeAll(conn, sent).then(() => conn.closeWrite());
      const received: number[] = [];
      await copy({
        write(bytes) {
          received.push(...bytes);
          return Promise.resolve(bytes.length);
        },
      }, conn);
      await writing;
      got = Uint8Array.from(received);
    });

    assert.equal(connected.status, "fulfilled");
    assert.ok(served.status === "fulfilled");
    assert.equal(served.value.protocol, protocol);
    assert.deepEqual(got, sent);
  });
}

Deno.test("terminateTls() says http/1.1 to a client without ALPN", async () => {
  const { identity, ca } = await certified();

  const [served] = await accept(identity, async (port) => {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    using conn = await Deno.startTls(tcp, {
      hostname: "127.0.0.1",
      caCerts: [ca],
    });
    await conn.handshake();
    await conn.closeWrite();
    assert.equal(await conn.read(new Uint8Array(1)), null);
  });

  assert.ok(served.status === "fulfilled");
  assert.equal(served.value.protocol, "http/1.1");
});

Deno.test("terminateTls() fails with the alert of a client that does not trust it", async () => {
  const { identity } = await certified();

  const [served, connected] = await accept(identity, async (port) => {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    using conn = await Deno.startTls(tcp, { hostname: "shop.test" });
    await conn.handshake();
  });

  assert.equal(connected.status, "rejected");
  assert.ok(served.status === "rejected");
  assert.match(String(served.reason), /UnknownCA/i);
});

Deno.test("terminateTls() fails when the client sends something else, or goes", async () => {
  const { identity } = await certified();

  const [garbage] = await accept(identity, async (port) => {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(tcp, new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    while (await tcp.read(new Uint8Array(100)).catch(() => null) !== null);
  });
  const [gone] = await accept(identity, async (port) => {
    using _tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  });

  assert.equal(garbage.status, "rejected");
  assert.equal(gone.status, "rejected");
});

Deno.test("terminateTls() gives up a client that is silent", async () => {
  const { identity } = await certified();

  const [served] = await accept(identity, async (port) => {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    assert.equal(await tcp.read(new Uint8Array(1)), null);
  }, { timeout: 20 });

  assert.ok(served.status === "rejected");
  assert.equal(served.reason.name, "TimeoutError");
});

Deno.test("terminateTls() works on any stream, and a cut is not an end", async () => {
  const { identity } = await certified();
  const [here, there] = streamPair();
  const [{ stream }, client] = await within(
    Promise.all([
      terminateTls(there, { identity }),
      startTlsOver(here, { verify: false, hostname: "shop.test", port: 443 }),
    ]),
    "the handshake",
  );
  const into = new Uint8Array(10);

  await writeAll(client, new Uint8Array(7));
  assert.equal(await stream.read(into), 7);
  const reading = stream.read(into);
  closeQuietly(here);

  await assert.rejects(reading);
  closeQuietly(client);
  closeQuietly(stream);
});
