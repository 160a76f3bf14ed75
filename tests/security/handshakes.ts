/**
 * Makes TLS handshakes that fail, and prints what is left of them in memory: a
 * program for `refused_handshakes_leave_nothing_test.ts`.
 *
 * @module
 */
import { closeQuietly } from "../../src/net/stream/byte_stream.ts";
import { streamPair } from "../../src/net/stream/stream_pair.ts";
import { terminateTls, tlsIdentity } from "../../src/net/tls/tls_terminator.ts";
import { startTlsOver } from "../../src/net/tls/start_tls_over.ts";
import { createTestAuthority } from "../testing/certs.ts";

const WARM_UP = 1_000;
const MANY = 4_000;

declare const gc: () => void;

const authority = await createTestAuthority();
const identity = tlsIdentity(await authority.issue(["shop.test"]));

/** Ways to fail: what the client does when the server waits for it. */
const FAILURES: readonly ((client: Client) => Promise<unknown>)[] = [
  // Given up in the turn in which it began, and later.
  ({ abort }) => Promise.resolve(abort()),
  async ({ abort }) => {
    await new Promise((resolve) => setTimeout(resolve));
    abort();
  },
  // Gone; no TLS; half of a greeting.
  ({ conn }) => Promise.resolve(closeQuietly(conn)),
  ({ conn }) => conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")),
  async ({ conn }) => {
    await conn.write(Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3));
    closeQuietly(conn);
  },
  // An alert: nobody trusts this authority.
  ({ conn }) =>
    startTlsOver(conn, { verify: true, hostname: "shop.test", port: 443 }),
];

interface Client {
  readonly conn: ReturnType<typeof streamPair>[0];
  readonly abort: () => void;
}

async function refuse(number: number): Promise<void> {
  const [conn, there] = streamPair();
  const aborter = new AbortController();
  const serving = terminateTls(there, { identity, signal: aborter.signal });
  const client = { conn, abort: () => aborter.abort(new Error("given up")) };
  const acting = FAILURES[number % FAILURES.length]?.(client);
  const [served] = await Promise.allSettled([serving, acting]);
  if (served.status === "fulfilled") throw new Error("It was not refused");
  closeQuietly(conn);
}

async function memory(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  return Deno.memoryUsage().heapUsed;
}

for (let at = 0; at < WARM_UP; at += 1) await refuse(at);
const before = await memory();
for (let at = 0; at < MANY; at += 1) await refuse(at);
const left = await memory() - before;
await Deno.stdout.write(
  new TextEncoder().encode(`${Math.round(left / MANY)} bytes each\n`),
);
