import { deepEqual, equal, rejects } from "node:assert/strict";
import { readTunnelOptions } from "../../../src/client/program/read_tunnel_options.ts";
import type { ProgramOptions } from "../../../src/client/program/tunnel_options.ts";
import { ConfigError } from "../../../src/config/errors.ts";
import { temporaryFile } from "../../config/fixtures.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const REQUIRED: ProgramOptions = {
  server: "https://lab.example:8443",
  user: "jane",
  accessKey: "s3cr3t",
  name: "foo",
};

/** What a program without types may pass. */
type Loose = Readonly<Record<string, unknown>>;

/** The lines of the error. */
async function mistakesIn(options: Loose): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  await rejects(
    readTunnelOptions(options as unknown as ProgramOptions),
    (error) => {
      if (!(error instanceof ConfigError)) throw error;
      lines = error.message.split("\n");
      return true;
    },
  );
  return lines;
}

Deno.test("readTunnelOptions() has the defaults of the command line", async () => {
  const {
    server,
    username,
    tunnelName,
    dial,
    shutdownTimeout,
    proxyLocalhost,
  } = await readTunnelOptions(REQUIRED);
  deepEqual(
    { server, username, tunnelName, shutdownTimeout, proxyLocalhost },
    {
      server: "https://lab.example:8443",
      username: "jane",
      tunnelName: "foo",
      shutdownTimeout: 3 * 3_600_000,
      proxyLocalhost: "deny",
    },
  );
  equal(dial?.timeout, 25_000);
});

Deno.test("readTunnelOptions() takes numbers and texts, objects and texts", async () => {
  const texts = await readTunnelOptions({
    ...REQUIRED,
    httpDialTimeout: "1m30s",
    inspectorMemory: "1Mi",
    apiAddress: "127.0.0.1:0",
    inspector: true,
  });
  const values = await readTunnelOptions({
    ...REQUIRED,
    server: new URL("https://lab.example:8443"),
    httpDialTimeout: 90_000,
    inspectorMemory: 1024 * 1024,
    apiAddress: { hostname: "127.0.0.1", port: 0 },
    inspector: true,
  });
  for (const { dial, inspector, apiAddress, server } of [texts, values]) {
    equal(server, "https://lab.example:8443");
    equal(dial?.timeout, 90_000);
    equal(inspector?.memoryLimit, 1024 * 1024);
    deepEqual(apiAddress, { hostname: "127.0.0.1", port: 0 });
  }
});

Deno.test("readTunnelOptions() reads lists, notes and files", async () => {
  const { ca } = await createTestAuthority();
  await using hosts = await temporaryFile("hosts", "10.0.0.3 b.test\n");
  await using cert = await temporaryFile("ca.pem", ca);
  const options = await readTunnelOptions({
    ...REQUIRED,
    denyDomains: ["^ads"],
    header: ["X-Test: 1", "-Cookie"],
    metadata: { build: "a=b,c" },
    hostsFile: hosts.path,
    caCerts: [ca],
    cacertFile: [cert.path],
    proxy: "socks5://proxy.test",
  });
  deepEqual(options.denyDomains, ["^ads"]);
  equal(options.headers?.request?.length, 2);
  deepEqual(options.metadata, { build: "a=b,c" });
  equal(options.names?.hosts?.size, 1);
  deepEqual(options.caCerts, [ca, ca]);
  deepEqual(await options.rereadCaCerts?.(), [ca, ca]);
  equal(options.upstreamProxy?.port, 1080);
});

Deno.test("readTunnelOptions() tells all mistakes at once, in the words of programs", async () => {
  deepEqual(
    await mistakesIn({
      ...REQUIRED,
      tunnelConection: 3,
      username: "jane",
      tunnelConnections: 99,
      httpDialTimeout: -1,
      inspector: "yes",
      denyDomains: "ads",
      caCerts: ["/ca.pem"],
      metadata: [],
      proxy: "http://proxy.test",
      pac: "x.pac",
    }),
    [
      'Cannot use the option "tunnelConection": no such option, did you mean "tunnelConnections"?',
      'Cannot use the option "username": no such option, use "user"',
      "Cannot use httpDialTimeout: expected a whole number, 0 or more",
      "Cannot use inspector: expected true or false",
      "Cannot use denyDomains: expected a list of texts",
      "Cannot use proxy together with pac: they are mutually exclusive, set one of them",
      "Cannot use value 1 of caCerts: expected a certificate in PEM, for a path use cacertFile",
      "Cannot use metadata: expected an object of texts",
      'Cannot use "99" as tunnelConnections: expected a whole number from 1 to 64',
    ],
  );
});

Deno.test("readTunnelOptions() names what is missing, and no flags", async () => {
  deepEqual(await mistakesIn({ server: "https://lab.example" }), [
    "Cannot start without user, accessKey, name: not set",
  ]);
  deepEqual(await mistakesIn({ ...REQUIRED, inspector: true }), [
    "Cannot use inspector without apiAddress: the status API serves its pages, set an address such as 127.0.0.1:8032",
  ]);
});

Deno.test("readTunnelOptions() names the type that an option has", async () => {
  deepEqual(
    await mistakesIn({
      ...REQUIRED,
      accessKey: 7,
      tunnelConnections: true,
      apiAddress: 8032,
      shutdownTimeout: 1.5,
    }),
    [
      "Cannot use accessKey: expected a text",
      "Cannot use apiAddress: expected a text",
      "Cannot use shutdownTimeout: expected a whole number, 0 or more",
      'Cannot use "true" as tunnelConnections: expected a whole number from 1 to 64',
    ],
  );
});

Deno.test("readTunnelOptions() shows no secrets", async () => {
  const [line = ""] = await mistakesIn({ ...REQUIRED, accessKey: " s3cr3t" });
  equal(
    line,
    'Cannot use "xxxxx" as accessKey: expected a key without spaces around it',
  );
});
