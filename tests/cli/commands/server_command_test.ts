import assert from "node:assert/strict";

import type { ServerOptions } from "../../../src/server/options.ts";
import { temporaryFile } from "../../config/fixtures.ts";
import { finished, sallyport } from "../harness.ts";

Deno.test("server starts a server with the configuration and logs it without secrets", async () => {
  await using log = await temporaryFile("a.log", "");
  let given: ServerOptions | undefined;

  const outcome = await sallyport([
    "server",
    "--address=:8443",
    "--external-host=lab.example",
    "--data-dir=/data",
    `--log-file=${log.path}`,
  ], {
    variables: { SALLYPORT_USERS: "jane:s3cr3t,joe:s3cr3t:2" },
    services: {
      startServer: (options) => {
        given = options;
        return Promise.resolve(finished());
      },
    },
  });

  const { signal, loggedErrors, droppedLogLines, ...others } = given ??
    assert.fail();
  const { rereadCertificates, ...options } = others;
  const { tls, interceptionCa } = options;
  assert.deepEqual(await rereadCertificates?.(), { tls, interceptionCa });
  assert.equal(loggedErrors?.size, 0);
  assert.equal(droppedLogLines?.(), 0);
  assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "" });
  assert.equal(signal?.aborted, false);
  assert.deepEqual(options, {
    address: { hostname: "0.0.0.0", port: 8443 },
    tunnelAddress: undefined,
    proxyAddress: { hostname: "127.0.0.1", port: 8080 },
    proxyPortRange: undefined,
    proxyPortAllow: ["127.0.0.0/8", "::1"],
    httpsProxy: true,
    externalUrl: undefined,
    externalTunnelAddress: undefined,
    externalProxyAddress: undefined,
    externalHost: "lab.example",
    trustedProxies: [],
    proxyProtocol: "off",
    forwardedFields: "x-forwarded",
    plainHttp: false,
    headerLimits: { maxHeaderBytes: 64 * 1024, maxFields: 256 },
    dataDir: "/data",
    acme: undefined,
    tls: undefined,
    interceptionCa: undefined,
    users: [{ name: "jane", key: "s3cr3t" }, { name: "joe", key: "s3cr3t:2" }],
    shutdownTimeout: 30_000,
    direct: "public",
    directPorts: undefined,
    httpLog: [],
    tunnelMaxExchanges: 4096,
    tunnelRateLimit: 0,
    tunnelRequests: 100,
    silence: { pingInterval: 5_000, pingTimeout: 5_000, overdueAfter: 2_000 },
    restUserRateLimit: 250,
    restAddressRateLimit: 500,
    loginMaxFailures: 10,
    maxConnections: 10_000,
    maxConnectionsPerAddress: undefined,
    oidc: undefined,
    exchangeIdleTimeout: 900_000,
    requestBodyTimeout: 120_000,
  });
  const text = await Deno.readTextFile(log.path);
  assert.match(text, /users=jane:xxxxx,joe:xxxxx/);
  assert.doesNotMatch(text, /s3cr3t/);
});

Deno.test("server exits with 2 and one line when it cannot start", async () => {
  await using log = await temporaryFile("a.log", "");
  const error = new Deno.errors.AddrInUse("Address already in use");

  const outcome = await sallyport(["server", `--log-file=${log.path}`], {
    services: { startServer: () => Promise.reject(error) },
  });

  assert.deepEqual(outcome, {
    code: 2,
    stdout: "",
    stderr: "sallyport: Address already in use\n",
  });
});

Deno.test("server reads its certificate and key", async () => {
  const cert = "-----BEGIN CERTIFICATE-----\n";
  const key = "-----BEGIN PRIVATE KEY-----\n";
  await using certFile = await temporaryFile("cert.pem", cert);
  await using keyFile = await temporaryFile("key.pem", key);
  let given: ServerOptions["tls"];

  const { code } = await sallyport([
    "server",
    `--tls-cert-file=${certFile.path}`,
    `--tls-key-file=${keyFile.path}`,
    `--log-file=${certFile.path}.log`,
  ], {
    services: {
      startServer: ({ tls }) => {
        given = tls;
        return Promise.resolve(finished());
      },
    },
  });

  assert.equal(code, 0);
  assert.deepEqual(given, { cert, key });
});

Deno.test("server refuses a certificate without its key", async () => {
  assert.deepEqual(await sallyport(["server", "--tls-cert-file=a.pem"]), {
    code: 1,
    stdout: "",
    stderr: "sallyport: Cannot use --tls-cert-file alone: a certificate " +
      "needs its key, set --tls-key-file\n",
  });
});

Deno.test("server never shows a user's key when the list is wrong", async () => {
  const { code, stderr } = await sallyport(["server"], {
    variables: { SALLYPORT_USERS: "jane:s3cr3t,s3cr3t" },
  });

  assert.equal(code, 1);
  assert.equal(
    stderr,
    'sallyport: Cannot use "xxxxx" as value 2 of SALLYPORT_USERS: ' +
      "expected name:value\n",
  );
});

for (
  const [args, message] of [
    [
      ["--plain-http"],
      "Cannot use --plain-http alone: set --trusted-proxies to the proxies that end TLS",
    ],
    [
      ["--proxy-protocol=require"],
      "Cannot use --proxy-protocol alone: set --trusted-proxies to the proxies that send PROXY headers",
    ],
    [
      ["--plain-http", "--trusted-proxies=::1", "--proxy-address=none"],
      "Cannot use --proxy-address none with --plain-http: browsers would have no proxy, leave one of them out",
    ],
    [
      ["--trusted-proxies=10.0.0.0/33"],
      'Cannot use "10.0.0.0/33" as --trusted-proxies: expected an IP address or a range such as 10.1.0.0/16',
    ],
  ] as const
) {
  Deno.test(`server refuses ${args.join(" ")}`, async () => {
    const outcome = await sallyport(["server", ...args]);

    assert.deepEqual(outcome, {
      code: 1,
      stdout: "",
      stderr: `sallyport: ${message}\n`,
    });
  });
}
