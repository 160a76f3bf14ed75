/**
 * gRPC's own interop cases, both ends in Go, through a CONNECT and through TLS
 * that the server decrypts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { temporaryDirectory } from "../../system/programs.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";
import { freePort, untilTaken } from "../../testing/free_port.ts";
import { run, TestProcess } from "../../testing/process.ts";
import { runningSystem } from "../../testing/running_system.ts";
import { installed, program } from "../tools.ts";

/** The name of the site, which only the client resolves. */
const HOST = "shop.test";
/** One case, in milliseconds. */
const PATIENCE = 60_000;

/** What needs no cloud, and holds without a proxy too. The last two make many calls, on one connection and on many. */
const CASES: readonly string[] = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "rpc_soak",
  "channel_soak",
];

for (const way of ["passed through", "decrypted"] as const) {
  Deno.test({
    ...installed("grpc-interop-client", "grpc-interop-server"),
    name: `gRPC's interop cases hold when it is ${way}`,
    async fn() {
      await using folder = await temporaryDirectory();
      const authority = await createTestAuthority();
      await using site = await startSite(folder.path, authority.issue([HOST]));
      await using system = await runningSystem({
        client: way === "decrypted" ? { tlsResignDomains: ["all"] } : {},
        trusted: [authority.ca],
      });
      const ca = join(folder.path, "trusted.pem");
      const trusted = way === "decrypted"
        ? system.server.browserCa
        : authority.ca;
      await Deno.writeTextFile(ca, trusted ?? "");

      for (const name of CASES) {
        const { code, stdout, stderr } = await run(
          program("grpc-interop-client"),
          [
            ...["-use_tls", "-use_test_ca", `-ca_file=${ca}`],
            ...[`-server_host=${HOST}`, `-server_port=${site.port}`],
            ...[`-test_case=${name}`, "-soak_iterations=50"],
            // A slow machine is not what is judged.
            "-soak_per_iteration_max_acceptable_latency_ms=10000",
            "-soak_overall_timeout_seconds=50",
          ],
          {
            ms: PATIENCE,
            env: { HTTPS_PROXY: system.proxyUrlWithCredentials },
          },
        );
        assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
      }
    },
  });
}

/** Starts gRPC's interop server. */
async function startSite(
  folder: string,
  identity: Promise<{ readonly cert: string; readonly key: string }>,
): Promise<AsyncDisposable & { readonly port: number }> {
  const { cert, key } = await identity;
  const files = [join(folder, "cert.pem"), join(folder, "key.pem")] as const;
  await Deno.writeTextFile(files[0], cert);
  await Deno.writeTextFile(files[1], key);
  const port = freePort();
  const process = new TestProcess(program("grpc-interop-server"), [
    ...["-use_tls", `-tls_cert_file=${files[0]}`, `-tls_key_file=${files[1]}`],
    `-port=${port}`,
  ]);
  await within(untilTaken(port), "the site to listen");
  return {
    port,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
