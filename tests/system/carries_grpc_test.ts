/** Promise: gRPC passes, in a CONNECT and through decrypted TLS: every kind of call, its metadata and its status. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pipe } from "../../src/net/stream/pipe.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { run, TestProcess } from "../testing/process.ts";
import { runningSystem } from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";

const HOST = "shop.test";
const PROGRAM = [
  ...["run", "-A", "-q", "--no-prompt"],
  fileURLToPath(new URL("grpc_program.ts", import.meta.url)),
];

for (const way of ["passed through", "decrypted"] as const) {
  Deno.test(`gRPC that is ${way}: calls of every kind end with their status`, async () => {
    await using server = new TestProcess(Deno.execPath(), [
      ...PROGRAM,
      "serve",
    ]);
    const [port] = await server.waitFor(/^\d+$/m);
    const authority = await createTestAuthority();
    const identity = await authority.issue([HOST]);
    await using site = new TcpServer(
      async (conn) => {
        const there = { hostname: "127.0.0.1", port: Number(port) };
        await pipe(conn, await Deno.connect(there));
      },
      { tls: { ...identity, alpnProtocols: ["h2"] } },
    );
    await using system = await runningSystem({
      client: way === "decrypted" ? { tlsResignDomains: ["all"] } : {},
      trusted: [authority.ca],
    });
    const ca = way === "decrypted" ? system.server.browserCa : authority.ca;

    const { stdout, stderr, code } = await run(
      Deno.execPath(),
      [...PROGRAM, "call", `${HOST}:${site.port}`],
      { env: { grpc_proxy: system.proxyUrlWithCredentials }, input: ca ?? "" },
    );

    assert.equal(code, 0, stderr);
    const good = { code: 0, details: "", head: "test", trailer: "yes" };
    assert.deepEqual(JSON.parse(stdout), {
      greeted: { ...good, value: "hello 3" },
      large: { ...good, value: "hello 1000000" },
      refused: { code: 5, details: "no such thing" },
      counted: [Array.from({ length: 1000 }, (_, at) => `${at}`), 0],
      talked: [[0, 1, 2, 3, 4].map((at) => `you said ${at}`), 0],
    });
  });
}
