/** @module */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { askDnsServer } from "../../../src/net/names/dns_exchange.ts";

const QUERY = { id: 7, name: "a.test", type: "A" } as const;
const SERVER = "127.0.0.1";

/** A reply to `query` with one address. */
function replyTo(query: Uint8Array, ip: readonly number[]): Uint8Array {
  const header = [query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0];
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...ip];
  return Uint8Array.from([...header, 0, 0, ...query.subarray(12), ...record]);
}

async function bound(hostname: string, port = 0): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, hostname, resolve);
  });
  return socket;
}

/** What is believed when a forger who knows the query replies before the server. */
async function believed(forgerAt: {
  readonly hostname: string;
  readonly isAtServersPort: boolean;
}): Promise<unknown> {
  const server = await bound(SERVER);
  const { port } = server.address();
  const forger = await bound(
    forgerAt.hostname,
    forgerAt.isAtServersPort ? port : 0,
  );
  server.on("message", (query, asker) => {
    forger.send(replyTo(query, [6, 6, 6, 6]), asker.port, asker.address, () => {
      server.send(replyTo(query, [10, 0, 0, 1]), asker.port, asker.address);
    });
  });
  try {
    const { signal } = new AbortController();
    return await askDnsServer({ hostname: SERVER, port }, QUERY, signal);
  } finally {
    server.close();
    forger.close();
  }
}

const TRUE_REPLY = { kind: "addresses", addresses: ["10.0.0.1"] };

Deno.test("askDnsServer() believes nobody at another port of the server's machine", async () => {
  const reply = await believed({ hostname: SERVER, isAtServersPort: false });

  assert.deepEqual(reply, TRUE_REPLY);
});

Deno.test("askDnsServer() believes nobody at another address", {
  // Elsewhere this machine does not have 127.0.0.2.
  ignore: Deno.build.os !== "linux",
}, async () => {
  const reply = await believed({
    hostname: "127.0.0.2",
    isAtServersPort: true,
  });

  assert.deepEqual(reply, TRUE_REPLY);
});
