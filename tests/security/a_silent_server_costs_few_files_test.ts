/** Promise: a server or balancer that takes connections and says nothing costs a client few files. */
import assert from "node:assert/strict";
import { startTlsClient } from "../../src/net/tls/start_tls_client.ts";
import { PATIENCE } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";
import { TcpServer } from "../testing/tcp_server.ts";

const TRIES = 30;
/** What `MAX_UNFINISHED` in `src/net/tls/start_tls_client.ts` lets be kept, and a file that is just being closed. */
const MOST = 6;

Deno.test({
  ...Deno.build.os === "linux" ? needs("ls") : { ignore: true },
  name: "TLS handshakes that are given up keep few files",
  async fn() {
    await using server = new TcpServer(async (conn) => {
      while (await conn.read(new Uint8Array(4_096)) !== null);
    });
    // The other ends are files of this process too.
    const clientFiles = async () => await files() - server.open;
    const before = await clientFiles();

    for (let count = 0; count < TRIES; count++) {
      const hostname = "127.0.0.1";
      const conn = await Deno.connect({ hostname, port: server.port });
      await assert.rejects(
        startTlsClient(conn, { hostname, port: server.port, timeout: 5 }),
        { name: "DialError", code: "timedOut" },
      );
    }

    assert.equal(server.accepted, TRIES);
    // Both ends of a connection that was given up close a moment later.
    const end = performance.now() + PATIENCE;
    let kept = Infinity;
    while (kept > MOST) {
      kept = await clientFiles() - before;
      assert.ok(performance.now() < end, `${kept} files are kept`);
    }
  },
});

async function files(): Promise<number> {
  const { stdout } = await run("ls", [`/proc/${Deno.pid}/fd`]);
  return stdout.trim().split("\n").length;
}
