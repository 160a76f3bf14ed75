/**
 * Promise: a client can trust one server by its fingerprint, and `sallyport
 * trust` shows a server's certificates and pins them for its user.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { trustedServers } from "../../src/config/trusted_servers.ts";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { fingerprintsOf } from "../../src/net/tls/certificate_pins.ts";
import type { Server } from "../../src/server/server.ts";
import { type Outcome, sallyport } from "../cli/harness.ts";
import { get } from "../testing/browser.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { startSocks } from "../testing/upstream.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { temporaryDirectory } from "./programs.ts";

const OTHER = `sha256:${"ab".repeat(32)}`;
const LOGIN = { username: "jane", password: "secret" };
const SOURCE = "--server-fingerprint";

function caOf({ ca }: Server) {
  return fingerprintsOf(new X509Certificate(ca?.pem ?? ""));
}

/** Runs `sallyport trust` as a user with this home. */
function trust(
  home: string,
  args: readonly string[],
  reply?: string,
): Promise<Outcome> {
  return sallyport(["trust", ...args], {
    variables: { HOME: home },
    ...reply !== undefined && { reply },
  });
}

for (const way of ["directly", "through a proxy"]) {
  Deno.test(
    `a client that pins the server's CA needs no file, ${way}`,
    way === "directly" ? {} : needs("microsocks"),
    async () => {
      await using stack = new AsyncDisposableStack();
      await using origin = await startOrigin();
      await using server = await startTestServer();
      const serverPins = {
        fingerprints: [OTHER, caOf(server).publicKey],
        source: SOURCE,
      };
      const socks = way === "directly"
        ? undefined
        : stack.use(await startSocks(LOGIN));
      await using _client = await startTestClient(server, {
        ...{ caCerts: [], serverPins },
        ...socks && {
          serverProxy: parseUpstreamProxy(
            `socks5://jane:secret@127.0.0.1:${socks.port}`,
          ),
        },
      });

      const { hostname, port } = server.proxyAddress;
      const proxy = { hostname, port, credentials: CREDENTIALS };
      assert.equal((await get(`${origin.url}/bytes/1`, proxy)).status, 200);
    },
  );
}

Deno.test("a server with another certificate is refused, and both fingerprints are named", async () => {
  await using server = await startTestServer();

  await assert.rejects(
    startTestClient(server, {
      // Its authority is trusted, and does not count.
      serverPins: { fingerprints: [OTHER], source: SOURCE },
    }),
    (error: Error) =>
      /its fingerprint is sha256:[0-9a-f]{64} \(public key sha256:[0-9a-f]{64}\)/
        .test(error.message) &&
      error.message.includes(`${SOURCE} has ${OTHER}: ask who runs the server`),
  );
});

Deno.test("sallyport trust shows and pins, and run uses it until it is removed", async () => {
  await using home = await temporaryDirectory();
  await using server = await startTestServer();
  const origin = new URL(server.url).origin;
  const { publicKey, certificate } = caOf(server);
  const store = trustedServers((name) =>
    name === "HOME" ? home.path : undefined
  );
  assert(store !== undefined);

  const unasked = await trust(home.path, [origin]);
  assert.equal(unasked.code, 1);
  assert.match(
    unasked.stdout,
    /^Certificate of the server\n {2}subject {6}CN=/,
  );
  assert(unasked.stdout.includes(server.ca?.fingerprint ?? "?"));
  assert.match(unasked.stderr, /not a terminal, set --fingerprint to what/);
  const refused = await trust(home.path, [origin], "n");
  assert.equal(refused.code, 1);
  const wrong = await trust(home.path, [origin, `--fingerprint=${OTHER}`], "y");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^sallyport: Cannot pin .* --fingerprint has /);
  assert.equal((await store.list()).size, 0);

  const agreed = await trust(home.path, [origin], "yes");

  assert.equal(agreed.code, 0, agreed.stderr);
  assert.deepEqual((await store.list()).get(origin)?.fingerprints, [publicKey]);
  assert.equal(((await Deno.stat(store.path)).mode ?? 0) & 0o777, 0o600);
  const given = await trust(home.path, [
    ...[origin, `--fingerprint=${certificate},${OTHER}`],
  ]);
  assert.equal(given.code, 0, given.stderr);
  const listed = await trust(home.path, ["--list"]);
  assert(listed.stdout.includes(origin) && listed.stdout.includes(certificate));
  const removed = await trust(home.path, [origin, "--remove"]);
  assert.equal(removed.stdout, `forgot ${origin}\n`);
  assert.equal((await trust(home.path, [origin, "--remove"])).code, 1);
  assert.equal((await trust(home.path, ["--list", "--json"])).stdout, "[]\n");
});

Deno.test("run trusts what its user has pinned for that server alone", async () => {
  await using home = await temporaryDirectory();
  await using server = await startTestServer();
  const origin = new URL(server.url).origin;
  assert.equal((await trust(home.path, [origin, "--yes"])).code, 0);
  const pinsOf = async (target: string, more: readonly string[] = []) => {
    let pins: unknown;
    await sallyport([
      ...["run", `--server=${target}`, "--username=jane", "--access-key=k"],
      ...["--tunnel-name=lab", `--log-file=${home.path}/log`, ...more],
    ], {
      variables: { HOME: home.path },
      services: {
        startClient: (options) => {
          pins = options.serverPins;
          return Promise.reject(new Error("far enough"));
        },
      },
    });
    return pins;
  };

  const pinned = { fingerprints: [caOf(server).publicKey] };
  assert.deepEqual(await pinsOf(origin), {
    ...pinned,
    source: "sallyport trust",
  });
  assert.equal(await pinsOf("https://other.test"), undefined);
  assert.deepEqual(await pinsOf(origin, [`${SOURCE}=${OTHER}`]), {
    fingerprints: [OTHER],
    source: SOURCE,
  });
  await Deno.writeTextFile(
    `${home.path}/.config/sallyport/trusted-servers.json`,
    "{",
  );
  const damaged = await trust(home.path, ["--list"]);
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /it is damaged, remove it and pin/);
});

Deno.test("sallyport trust pins nothing where an authority is trusted already", async () => {
  await using home = await temporaryDirectory();
  await using server = await startTestServer();
  const file = `${home.path}/ca.pem`;
  await Deno.writeTextFile(file, server.ca?.pem ?? "");
  const origin = new URL(server.url).origin;

  const { code, stdout } = await trust(home.path, [
    ...[origin, `--cacert-file=${file}`, "--yes"],
  ]);

  assert.equal(code, 0);
  assert.match(stdout, /is trusted: nothing to pin\.\n$/);
});
