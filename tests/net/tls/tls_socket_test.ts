import assert from "node:assert/strict";
import {
  type ByteStream,
  closeQuietly,
} from "../../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { startTlsOver } from "../../../src/net/tls/start_tls_over.ts";
import {
  terminateTls,
  tlsIdentity,
} from "../../../src/net/tls/tls_terminator.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";

/** More than any brake lets through, less than sockets of the system hold. */
const MUCH = 4 * 1024 * 1024;
/** What a connection may have read or written that nobody has taken. */
const FEW = 256 * 1024;

/** A stream that counts, and whose writes can be held up. */
class Watched implements ByteStream {
  readonly #inner: ByteStream;
  received = 0;
  sent = 0;
  isClosed = false;
  #hold: PromiseWithResolvers<void> | undefined;
  readonly #cut = Promise.withResolvers<null>();

  constructor(inner: ByteStream) {
    this.#inner = inner;
  }

  /** From now on nothing is taken, until it is called again. */
  hold(isHeld: boolean): void {
    this.#hold?.resolve();
    this.#hold = isHeld ? Promise.withResolvers() : undefined;
  }

  /** Ends it for the reader, without a word of TLS. */
  cut(): void {
    this.#cut.resolve(null);
  }

  async read(into: Uint8Array): Promise<number | null> {
    const reading = this.#inner.read(into);
    reading.catch(() => {});
    const count = await Promise.race([this.#cut.promise, reading]);
    this.received += count ?? 0;
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#hold?.promise;
    const count = await this.#inner.write(bytes);
    this.sent += count;
    return count;
  }

  closeWrite(): Promise<void> {
    return this.#inner.closeWrite();
  }

  close(): void {
    this.isClosed = true;
    this.#hold?.resolve();
    this.#inner.close();
  }
}

/** Both ends of a TLS connection: ours over what is watched, and Deno's own. */
interface Ends extends Disposable {
  readonly ours: ByteStream;
  readonly below: Watched;
  readonly peer: Deno.TlsConn;
}

type Side = "server" | "client";

async function connected(side: Side): Promise<Ends> {
  const authority = await createTestAuthority();
  const leaf = await authority.issue(["localhost"]);
  if (side === "server") {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [tcp, accepted] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    const below = new Watched(accepted);
    const [{ stream }, peer] = await Promise.all([
      terminateTls(below, { identity: tlsIdentity(leaf) }),
      startPeer(tcp, authority.ca),
    ]);
    return endsOf(stream, below, peer);
  }
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...leaf });
  const { port } = listener.addr as Deno.NetAddr;
  const below = new Watched(
    await Deno.connect({ hostname: "127.0.0.1", port }),
  );
  const where = { hostname: "localhost", port, verify: false };
  const accepting = listener.accept().then(async (peer) => {
    await peer.handshake();
    return peer;
  });
  const [ours, peer] = await Promise.all([
    startTlsOver(below, where),
    accepting,
  ]);
  return endsOf(ours, below, peer);
}

async function startPeer(tcp: Deno.TcpConn, ca: string): Promise<Deno.TlsConn> {
  const peer = await Deno.startTls(tcp, {
    hostname: "localhost",
    caCerts: [ca],
  });
  await peer.handshake();
  return peer;
}

function endsOf(ours: ByteStream, below: Watched, peer: Deno.TlsConn): Ends {
  return {
    ours,
    below,
    peer,
    [Symbol.dispose]() {
      closeQuietly(peer);
      closeQuietly(ours);
    },
  };
}

async function readAll(from: ByteStream): Promise<number> {
  const into = new Uint8Array(64 * 1024);
  let total = 0;
  while (true) {
    const count = await within(from.read(into), "bytes");
    if (count === null) return total;
    total += count;
  }
}

for (const side of ["server", "client"] as const) {
  const test = (name: string, act: (ends: Ends) => Promise<void>) =>
    Deno.test(`Node's TLS as a ${side} ${name}`, async () => {
      using ends = await connected(side);
      await act(ends);
    });

  test("reads no more than a little of what nobody takes", async ({ ours, below, peer }) => {
    let sent = 0;
    const writing = (async () => {
      const piece = new Uint8Array(64 * 1024);
      while (sent < MUCH) {
        await writeAll(peer, piece);
        sent += piece.length;
      }
      await peer.closeWrite();
    })();
    writing.catch(() => {});
    const into = new Uint8Array(1);
    await within(ours.read(into), "the first byte");
    // Round trips of ours: what could be read meanwhile was read.
    for (let at = 0; at < 200; at += 1) {
      await writeAll(ours, into);
      await within(peer.read(into), "an answer");
    }

    assert.ok(below.received < FEW, `${below.received}`);
    assert.equal(await readAll(ours), MUCH - 1);
    await writing;
  });

  test("writes when the stream below takes it, whatever arrives", async ({ ours, below, peer }) => {
    below.hold(true);
    let written = 0;
    const writing = (async () => {
      while (written < MUCH) {
        written += await ours.write(new Uint8Array(1024));
      }
      await ours.closeWrite();
    })();
    writing.catch(() => {});
    const into = new Uint8Array(1);
    for (let at = 0; at < 100; at += 1) {
      await writeAll(peer, into);
      await within(ours.read(into), "a byte");
    }

    assert.equal(written, 0);
    below.hold(false);
    assert.equal(await readAll(peer), MUCH);
    await writing;
  });

  test("ends both ways separately, with an end of TLS", async ({ ours, peer }) => {
    const into = new Uint8Array(10);

    await ours.closeWrite();
    assert.equal(await within(peer.read(into), "the end"), null);
    await writeAll(peer, into.subarray(0, 7));
    assert.equal(await within(ours.read(into), "bytes"), 7);
    await peer.closeWrite();
    assert.equal(await within(ours.read(into), "the end"), null);
  });

  test("writes on after the peer's end", async ({ ours, peer }) => {
    const into = new Uint8Array(10);

    await peer.closeWrite();
    assert.equal(await within(ours.read(into), "the end"), null);
    await writeAll(ours, into.subarray(0, 7));
    assert.equal(await within(peer.read(into), "bytes"), 7);
    await ours.closeWrite();
    assert.equal(await within(peer.read(into), "the end"), null);
  });

  test("takes an empty write", async ({ ours, peer }) => {
    const into = new Uint8Array(10);

    assert.equal(await ours.write(new Uint8Array()), 0);
    await writeAll(ours, into);
    assert.equal(await within(peer.read(into), "bytes"), 10);
  });

  test("gives what came before a cut, then fails", async ({ ours, below, peer }) => {
    await writeAll(peer, new Uint8Array(7));
    const into = new Uint8Array(10);
    assert.equal(await within(ours.read(into), "bytes"), 7);
    const reading = ours.read(into);
    below.cut();

    await assert.rejects(within(reading, "the cut"), (error: Error) => {
      assert.match(error.message, /without an end of TLS/);
      return true;
    });
    await assert.rejects(ours.read(into));
    // The other direction has not ended.
    await writeAll(ours, into);
    assert.equal(await within(peer.read(into), "bytes"), 10);
  });

  test("is closed at once, with everything that waits", async ({ ours, below }) => {
    below.hold(true);
    const reading = ours.read(new Uint8Array(1));
    const writing = ours.write(new Uint8Array(1));
    const failures = Promise.allSettled([reading, writing]);

    ours.close();

    assert.ok(below.isClosed);
    const [read, wrote] = await within(failures, "both failures");
    assert.equal(read.status, "rejected");
    assert.equal(wrote.status, "rejected");
    await assert.rejects(within(ours.write(new Uint8Array(1)), "a failure"));
    await assert.rejects(within(ours.closeWrite(), "a failure"));
    await assert.rejects(within(ours.read(new Uint8Array(1)), "a failure"));
    ours.close();
  });
}
