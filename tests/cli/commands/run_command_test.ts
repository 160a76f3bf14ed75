import assert from "node:assert/strict";

import {
  ClientError,
  type ClientErrorCode,
} from "../../../src/client/errors.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { temporaryFile } from "../../config/fixtures.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { finished, type RunOptions, sallyport } from "../harness.ts";

const SECRET = { SALLYPORT_ACCESS_KEY: "s3cr3t" };

const ARGS = [
  "run",
  "--server=https://lab.example:8443",
  "--username=jane",
  "--tunnel-name=foo",
] as const;

/** Runs the client and returns also its log. */
async function run(args: readonly string[], options: RunOptions) {
  await using file = await temporaryFile("a.log", "");
  const outcome = await sallyport(
    [...args, `--log-file=${file.path}`],
    options,
  );
  const log = (await Deno.readTextFile(file.path))
    .replaceAll(file.path, "a.log").replace(/^.{27}/gm, "");
  return { ...outcome, log };
}

Deno.test("run and server name a misspelt variable before they say what is missing", async () => {
  const client = await sallyport(["run"], {
    variables: { ...SECRET, SALLYPORT_TUNEL_NAME: "x", SALLYPORT_USERNAM: "y" },
  });
  const server = await sallyport(["server", "--tls-key-file=x"], {
    variables: { SALLYPORT_DATADIR: "/data" },
  });

  const line = (name: string, meant: string) =>
    `sallyport: Ignoring ${name}: no such option, did you mean "${meant}"?\n`;
  assert.equal(
    client.stderr,
    line("SALLYPORT_USERNAM", "SALLYPORT_USERNAME") +
      line("SALLYPORT_TUNEL_NAME", "SALLYPORT_TUNNEL_NAME") +
      "sallyport: Cannot start without --server, --username, --tunnel-name: not set, use the flags, SALLYPORT_SERVER, SALLYPORT_USERNAME, SALLYPORT_TUNNEL_NAME or --config-file\n",
  );
  assert.ok(
    server.stderr.startsWith(line("SALLYPORT_DATADIR", "SALLYPORT_DATA_DIR")),
    server.stderr,
  );
});

Deno.test("run starts a client with the configuration and logs it without secrets", async () => {
  let given: ClientOptions | undefined;
  await using hosts = await temporaryFile("hosts", "10.0.0.3 b.test\n");

  const { log, ...outcome } = await run([
    ...ARGS,
    "--tunnel-connections=2",
    "--metadata=runner=x,build=7",
    "--api-address=:8032",
    "--api-basic-auth=probe:s3cr3t",
    "--inspector",
    "--inspector-memory=1Mi",
    "--shared=all",
    "-t",
    "--http-dial-timeout=1m",
    "-n=10.0.0.53",
    "--dns-round-robin",
    "--dns-timeout=2s",
    "--host-override=a.test=10.0.0.1,10.0.0.2",
    "--host-override=*.local.test=127.0.0.1",
    `--hosts-file=${hosts.path}`,
    "--plugin-dir=lab-plugins",
    "--plugin=a.ts",
    "--plugin=b.ts",
    "--plugin-permissions=trusted",
    "--plugin-permissions=a:net=b.test,c.test:1;env",
    '--plugins={"use":"c.ts","options":{"key":"s3cr3t"},"timeout":"1s"}',
    "-F=ads,-^good",
    "-x=socks5://proxy.test",
    "--proxy-sauce=http://way-out.test:3128",
    "-a=jane:s3cr3t@Shop.test:*",
    "-T=all,-^cdn",
    "-b=all,-^cdn",
    "--insecure-domains=^old",
    "--shutdown-timeout=5m",
  ], {
    variables: SECRET,
    services: {
      startClient: (options) => {
        given = options;
        return Promise.resolve(finished());
      },
    },
  });

  const { signal, configz, loggedErrors, droppedLogLines, ...others } = given ??
    assert.fail();
  const { rereadCaCerts, ...options } = others;
  const [{ placeOf } = assert.fail()] = options.plugins?.plugins ?? [];
  assert.equal(placeOf?.(["options", "key"]), "--plugins");
  assert.deepEqual(await rereadCaCerts?.(), options.caCerts);
  assert.equal(loggedErrors?.size, 0);
  assert.equal(droppedLogLines?.(), 0);
  assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "" });
  assert.equal(signal?.aborted, false);
  assert.match(configz ?? "", /^access-key=xxxxx$/m);
  assert.match(configz ?? "", /^plugins=xxxxx$/m);
  assert.doesNotMatch(log, /s3cr3t/);
  assert.match(configz ?? "", /^api-basic-auth=probe:xxxxx$/m);
  assert.deepEqual(options, {
    server: "https://lab.example:8443",
    username: "jane",
    accessKey: "s3cr3t",
    tunnelName: "foo",
    tunnelConnections: 2,
    tunnelMaxConcurrentStreams: 256,
    silence: { pingInterval: 5_000, pingTimeout: 5_000, overdueAfter: 2_000 },
    pacText: undefined,
    upstreamProxy: {
      protocol: "socks5",
      hostname: "proxy.test",
      port: 1080,
      credentials: undefined,
    },
    serverProxy: {
      protocol: "http",
      hostname: "way-out.test",
      port: 3128,
      credentials: undefined,
    },
    credentials: [
      {
        username: "jane",
        password: "s3cr3t",
        hostname: "shop.test",
        port: "*",
      },
    ],
    headers: { request: [], response: [], connect: [] },
    timeWindow: { frames: [] },
    debugAddress: undefined,
    rates: { read: 0, write: 0 },
    dedicatedPort: false,
    denyDomains: ["ads", "-^good"],
    directDomains: [],
    tunnelDomains: ["all", "-^cdn"],
    caCerts: [],
    caFiles: [],
    plugins: {
      directories: ["lab-plugins"],
      plugins: [
        { use: "c.ts", options: { key: "s3cr3t" }, timeout: 1_000, placeOf },
        { use: "a.ts" },
        { use: "b.ts" },
      ],
      permissions: [
        { plugin: undefined, permissions: "trusted" },
        {
          plugin: "a",
          permissions: {
            net: ["b.test", "c.test:1"],
            read: false,
            write: false,
            env: true,
          },
        },
      ],
      timeBudget: 5_000,
      allowPackages: false,
    },
    httpLog: [],
    apiAddress: { hostname: "0.0.0.0", port: 8032 },
    apiSocket: undefined,
    apiBasicAuth: "probe:s3cr3t",
    apiIdleTimeout: 3_600_000,
    inspector: { bodyLimit: 65_536, memoryLimit: 1_048_576 },
    proxyLocalhost: "deny",
    allowPrivateMetadata: false,
    tlsResignDomains: ["all", "-^cdn"],
    tlsPassthroughDomains: [],
    insecureDomains: ["^old"],
    metadata: { runner: "x", build: "7" },
    shared: "all",
    tunnelPool: true,
    tunnelTransport: "auto",
    shutdownTimeout: 300_000,
    names: {
      overrides: [
        { pattern: "a.test", addresses: ["10.0.0.1", "10.0.0.2"] },
        { pattern: "*.local.test", addresses: ["127.0.0.1"] },
      ],
      hosts: new Map([["b.test", ["10.0.0.3"]]]),
      dnsServers: [{ hostname: "10.0.0.53", port: 53 }],
      dnsRoundRobin: true,
      dnsTimeout: 2_000,
    },
    dial: {
      attempts: 3,
      backoff: 1000,
      timeout: 60_000,
      idleConnTimeout: 90_000,
      responseHeaderTimeout: 0,
      tlsHandshakeTimeout: 10_000,
      headerLimits: { maxHeaderBytes: 256 * 1024, maxFields: 4096 },
    },
  });
  assert.match(log, /^\[control\] \[INFO\] Sallyport version=\d+\.\d+\.\d+\n/);
  assert.match(
    log,
    /\[INFO\] configuration server=https:\/\/lab\.example:8443 username=jane access-key=xxxxx tunnel-name=foo metadata=runner=x,build=7 shared=all tunnel-pool=true /,
  );
  assert.match(
    log,
    / api-basic-auth=probe:xxxxx inspector=true inspector-memory=1Mi log-file=a\.log\n$/,
  );
});

const BAD_DOMAINS: readonly (readonly [args: string[], stderr: RegExp])[] = [
  [
    ["--tls-resign-domains=a,sh[op"],
    /^sallyport: Cannot use "sh\[op" as value 2 of --tls-resign-domains: invalid regular expression "sh\[op": missing closing \]: `\[op`\n$/,
  ],
  [
    ["--insecure-domains=-old"],
    /^sallyport: Cannot use "-old" as --insecure-domains: every entry excludes, name some to include, or all\n$/,
  ],
  [
    ["-b=a", "--tls-passthrough-domains=b"],
    /^sallyport: Cannot use -b together with --tls-passthrough-domains: they are mutually exclusive, set one of them\n$/,
  ],
];

for (const [args, expected] of BAD_DOMAINS) {
  Deno.test(`run refuses ${args.join(" ")}`, async () => {
    const { code, stderr } = await sallyport([...ARGS, ...args], {
      variables: SECRET,
    });

    assert.equal(code, 1);
    assert.match(stderr, expected);
  });
}

Deno.test("run is the command when there are only options", async () => {
  let starts = 0;
  const startClient = () => {
    starts++;
    return Promise.resolve(finished());
  };

  const { code } = await run(ARGS.slice(1), {
    variables: SECRET,
    services: { startClient },
  });

  assert.deepEqual({ code, starts }, { code: 0, starts: 1 });
});

Deno.test("run starts nothing without the required options", async () => {
  assert.deepEqual(await sallyport(["run"]), {
    code: 1,
    stdout: "",
    stderr:
      "sallyport: Cannot start without --server, --username, --access-key, " +
      "--tunnel-name: not set, use the flags, SALLYPORT_SERVER, " +
      "SALLYPORT_USERNAME, SALLYPORT_ACCESS_KEY, SALLYPORT_TUNNEL_NAME or " +
      "--config-file\n",
  });
});

Deno.test("run tells the client which files its CAs come from", async () => {
  const { ca } = await createTestAuthority();
  await using file = await temporaryFile("ca.pem", ca);
  const given: Partial<ClientOptions>[] = [];

  await run([
    ...ARGS,
    `--cacert-file=${file.path}`,
    `--cacert-file=data:base64,${btoa(ca)}`,
  ], {
    variables: SECRET,
    services: {
      startClient(options) {
        given.push(options);
        return Promise.resolve(finished());
      },
    },
  });

  assert.deepEqual(
    given.map(({ caCerts, caFiles }) => ({ caCerts, caFiles })),
    [
      { caCerts: [ca, ca], caFiles: [`"${file.path}"`, "the data: value"] },
    ],
  );
});

Deno.test("run starts nothing when a certificate cannot be read", async () => {
  const { code, stderr } = await sallyport(
    [...ARGS, "--cacert-file=/nowhere/ca.pem"],
    { variables: SECRET },
  );

  assert.equal(code, 1);
  assert.equal(
    stderr,
    'sallyport: Cannot read the certificate file "/nowhere/ca.pem": ' +
      "no such file\n",
  );
});

Deno.test("run starts nothing when the hosts file is wrong", async () => {
  await using hosts = await temporaryFile("hosts", "# lab\na.test 10.0.0.1\n");

  const { code, stderr } = await sallyport(
    [...ARGS, `--hosts-file=${hosts.path}`],
    { variables: SECRET },
  );

  assert.equal(code, 1);
  assert.equal(
    stderr,
    `sallyport: Cannot read the hosts file "${hosts.path}": "a.test" is not ` +
      "an IP address in line 2, write an IP address and its names\n",
  );
});

Deno.test("run starts nothing when the log file cannot be opened", async () => {
  const { code, stderr } = await sallyport(
    [...ARGS, "--log-file=/nowhere/a.log"],
    { variables: SECRET },
  );

  assert.equal(code, 1);
  assert.match(stderr, /^sallyport: Cannot open the log file .*\n$/);
});

const START_FAILURES: readonly (readonly [ClientErrorCode, number])[] = [
  ["unauthorized", 1],
  ["refused", 1],
  ["unreachable", 2],
  ["notWorking", 2],
  ["ended", 3],
];

for (const [code, exitCode] of START_FAILURES) {
  Deno.test(`run exits with ${exitCode} when the start fails as ${code}`, async () => {
    const error = new ClientError(code, "Cannot open tunnel");

    const outcome = await run(ARGS, {
      variables: SECRET,
      services: { startClient: () => Promise.reject(error) },
    });

    assert.equal(outcome.code, exitCode);
    assert.equal(outcome.stderr, "sallyport: Cannot open tunnel\n");
  });
}

Deno.test("run exits with 3 and one line when the tunnel was ended", async () => {
  const error = new ClientError(
    "ended",
    "Cannot go on: the tunnel was stopped",
  );

  const { code, stdout, stderr } = await run(ARGS, {
    variables: SECRET,
    services: { startClient: () => Promise.resolve(finished(error)) },
  });

  assert.deepEqual({ code, stdout, stderr }, {
    code: 3,
    stdout: "",
    stderr: "sallyport: Cannot go on: the tunnel was stopped\n",
  });
});

Deno.test("run config-file prints what is set, but no secret", async () => {
  const { code, stdout } = await sallyport(
    [...ARGS, "config-file", "--api-basic-auth=probe:s3cr3t"],
    { variables: SECRET },
  );

  assert.equal(code, 0);
  assert.match(stdout, /^server: https:\/\/lab\.example:8443$/m);
  assert.match(stdout, /^# access-key:$/m);
  assert.doesNotMatch(stdout, /s3cr3t/);
});
