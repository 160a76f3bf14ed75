/**
 * Half of the fastest relay that the platform can be: no framing, no checks,
 * one TLS connection for each connection.
 *
 * `bare_relay.ts JSON` with `listen` and `connect` addresses, of which one has
 * TLS. Prints a line when it listens.
 *
 * @module
 */
import { z } from "zod";
import { writeAll } from "./route.ts";

const SPEC = z.object({
  listen: z.object({
    hostname: z.string(),
    port: z.int(),
    tls: z.object({ cert: z.string(), key: z.string() }).optional(),
  }),
  connect: z.object({
    hostname: z.string(),
    port: z.int(),
    tls: z.object({ caCerts: z.array(z.string()) }).optional(),
  }),
});

const READ_BYTES = 65_536;
const { listen, connect } = SPEC.parse(JSON.parse(Deno.args[0] ?? "{}"));

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const read = await from.read(buffer);
    if (read === null) return await to.closeWrite();
    await writeAll(to, buffer.subarray(0, read));
  }
}

async function dial(): Promise<Deno.Conn> {
  const { hostname, port, tls } = connect;
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay();
  return tls === undefined
    ? conn
    : await Deno.startTls(conn, { hostname, caCerts: tls.caCerts });
}

async function relay(near: Deno.Conn): Promise<void> {
  using _near = near;
  using far = await dial();
  await Promise.all([copy(near, far), copy(far, near)]);
}

async function relayQuietly(near: Deno.Conn): Promise<void> {
  try {
    await relay(near);
  } catch {
    // Whichever side closed first: both are closed now.
  }
}

const { hostname, port, tls } = listen;
const listener = tls === undefined
  ? Deno.listen({ hostname, port })
  : Deno.listenTls({ hostname, port, ...tls });
// deno-lint-ignore no-console -- the sign of life is this program's output
console.log("listening");
for await (const conn of listener) {
  if ("setNoDelay" in conn) conn.setNoDelay();
  relayQuietly(conn);
}
