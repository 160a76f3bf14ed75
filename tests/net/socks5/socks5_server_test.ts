/** SOCKS 5 as a proxy speaks it, byte by byte (RFC 1928, RFC 1929). */
import assert from "node:assert/strict";
import {
  type ByteStream,
  closeQuietly,
} from "../../../src/net/stream/byte_stream.ts";
import {
  acceptSocks5,
  answerSocks5,
  type SocksDoor,
  SocksError,
} from "../../../src/net/socks5/socks5_server.ts";
import { connectBySocks5 } from "../../../src/net/socks5/socks5_client.ts";
import { Reply } from "../../../src/net/socks5/socks5_wire.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

const OPEN: SocksDoor = {
  needsLogin: false,
  admits: () => Promise.resolve(true),
};
const LOCKED: SocksDoor = {
  needsLogin: true,
  admits: ({ username, password }) =>
    Promise.resolve(username === "ann+lab" && password === "kéy"),
};

/** What the proxy says to a client that says all of this at once, and how it went. */
async function saidTo(
  bytes: readonly number[],
  door: SocksDoor,
): Promise<{ said: number[]; outcome: unknown }> {
  const said: number[] = [];
  let at = 0;
  const stream: ByteStream = {
    read(into) {
      const piece = bytes.slice(at, at + into.length);
      at += piece.length;
      into.set(piece);
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
    write(piece) {
      said.push(...piece);
      return Promise.resolve(piece.length);
    },
    closeWrite: () => Promise.resolve(),
    close() {},
  };
  const outcome = await acceptSocks5(stream, door).catch((error) => error);
  return { said, outcome };
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [bytes.length, ...bytes];
}

const targets: readonly [name: string, bytes: number[], hostname: string][] = [
  ["a name", [3, ...text("intranet.test")], "intranet.test"],
  ["an IPv4 address", [1, 10, 0, 0, 7], "10.0.0.7"],
  [
    "an IPv6 address",
    [4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    "2001:db8::1",
  ],
];

for (const [name, bytes, hostname] of targets) {
  Deno.test(`acceptSocks5() reads ${name}`, async () => {
    const { said, outcome } = await saidTo(
      [5, 1, 0, 5, 1, 0, ...bytes, 31, 144],
      OPEN,
    );

    assert.deepEqual(said, [5, 0]);
    assert.deepEqual(outcome, {
      target: { hostname, port: 8080 },
      login: undefined,
    });
  });
}

Deno.test("acceptSocks5() lets nobody in without a login where one is needed", async () => {
  const { said, outcome } = await saidTo([5, 1, 0], LOCKED);

  assert.deepEqual(said, [5, 255]);
  assert.ok(outcome instanceof SocksError);
});

Deno.test("acceptSocks5() takes no login of a version that it does not know", async () => {
  const login = [5, ...text("ann+lab"), ...text("kéy")];
  const { said, outcome } = await saidTo([5, 1, 2, ...login], LOCKED);

  assert.deepEqual(said, [5, 2]);
  assert.ok(outcome instanceof SocksError);
});

Deno.test("acceptSocks5() tells a wrong login so, and goes no further", async () => {
  const login = [1, ...text("ann+lab"), ...text("wrong")];
  const { said, outcome } = await saidTo([5, 2, 0, 2, ...login], LOCKED);

  assert.deepEqual(said, [5, 2, 1, 1]);
  assert.match(String(outcome), /user name or password is wrong/);
});

Deno.test("acceptSocks5() refuses what is not CONNECT, and addresses that do not exist", async () => {
  const bind = await saidTo([5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 0, 80], OPEN);
  const odd = await saidTo([5, 1, 0, 5, 1, 0, 9, 1, 2, 3, 4, 0, 80], OPEN);

  assert.deepEqual(bind.said.slice(0, 4), [5, 0, 5, 7]);
  assert.deepEqual(odd.said.slice(0, 4), [5, 0, 5, 8]);
});

Deno.test("acceptSocks5() gives up on what ends early or is something else", async () => {
  for (const bytes of [[], [5], [5, 3, 0], [4, 1], [5, 1, 0, 5, 1, 0, 1, 10]]) {
    const { outcome } = await saidTo(bytes, OPEN);
    assert.ok(outcome instanceof SocksError, `${bytes}: ${outcome}`);
  }
});

Deno.test("both ends of SOCKS 5 understand each other", async () => {
  const [client, proxy] = streamPair();
  const asking = connectBySocks5(
    client,
    { hostname: "intranet.test", port: 80 },
    { username: "ann+lab", password: "kéy" },
  );
  const { target, login } = await acceptSocks5(proxy, LOCKED);
  await answerSocks5(proxy, Reply.SUCCEEDED);
  await asking;

  assert.deepEqual(target, { hostname: "intranet.test", port: 80 });
  assert.equal(login?.username, "ann+lab");
});

/** Both ends of a connection over loopback. */
async function sockets(): Promise<
  Disposable & { readonly client: Deno.Conn; readonly proxy: Deno.Conn }
> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [client, proxy] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  return {
    client,
    proxy,
    [Symbol.dispose]() {
      closeQuietly(client);
      closeQuietly(proxy);
    },
  };
}

Deno.test("acceptSocks5() says when a client leaves while its login is checked", async () => {
  using pair = await sockets();
  const { client, proxy } = pair;
  const asked = Promise.withResolvers<AbortSignal>();
  const accepting = acceptSocks5(proxy, {
    needsLogin: true,
    admits(_login, gone) {
      asked.resolve(gone);
      return new Promise((resolve) =>
        gone.addEventListener("abort", () => resolve(false))
      );
    },
  });
  const login = [1, ...text("ann+lab"), ...text("kéy")];
  await client.write(Uint8Array.of(5, 1, 2, ...login));
  const gone = await asked.promise;
  assert.ok(!gone.aborted);

  client.close();

  await assert.rejects(accepting);
  assert.ok(gone.aborted);
});

Deno.test("acceptSocks5() loses nothing of what a client sends before its login was checked", async () => {
  using pair = await sockets();
  const { client, proxy } = pair;
  const admitted = Promise.withResolvers<boolean>();
  const accepting = acceptSocks5(proxy, {
    needsLogin: true,
    admits: (_login, gone) => {
      assert.ok(!gone.aborted);
      return admitted.promise;
    },
  });
  const login = [1, ...text("ann+lab"), ...text("kéy")];
  const request = [5, 1, 0, 1, 10, 0, 0, 1, 0, 80];
  await client.write(Uint8Array.of(5, 1, 2, ...login, ...request));
  admitted.resolve(true);

  const { target } = await accepting;
  assert.deepEqual(target, { hostname: "10.0.0.1", port: 80 });
});

Deno.test("answerSocks5() says that no address was bound", async () => {
  const said: number[] = [];
  const [stream] = streamPair();
  await answerSocks5({
    ...{ read: stream.read, closeWrite: stream.closeWrite, close() {} },
    write(piece) {
      said.push(...piece);
      return Promise.resolve(piece.length);
    },
  }, Reply.REFUSED);
  assert.deepEqual(said, [5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
});

Deno.test("acceptSocks5() reads a name of no length as one", async () => {
  const { outcome } = await saidTo([5, 1, 0, 5, 1, 0, 3, 0, 0, 80], OPEN);
  assert.deepEqual(outcome, {
    target: { hostname: "", port: 80 },
    login: undefined,
  });
});
