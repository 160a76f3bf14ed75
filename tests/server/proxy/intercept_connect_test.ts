/** Which CONNECT is intercepted, and what a request inside is authorized by. */
import assert from "node:assert/strict";
import type {
  ConnectRequest,
  ProxyRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import type { AuthorizedContext } from "../../../src/server/proxy/authorize.ts";
import {
  type InterceptedTls,
  interceptTls,
  type InterceptTlsOptions,
} from "../../../src/server/proxy/intercept_connect.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { contextOf, requestOf, responseOf } from "../../plugin/exchanges.ts";

const CONNECT: ConnectRequest = {
  kind: "connect",
  method: "CONNECT",
  authority: "shop.test:443",
  fields: new Fields(),
};

function tunnelWith(...hosts: readonly string[]): Tunnel {
  return new TunnelRegistry().create({
    owner: "ann",
    name: "shop",
    rules: hosts.length === 0 ? {} : { tls_resign_domains: hosts },
  }).tunnel;
}

/** Sends a request; who got it, and what happens inside. */
async function send(
  request: ProxyRequest,
  tunnels: readonly Tunnel[],
  reauthorize: AuthorizedContext["reauthorize"] = () =>
    Promise.resolve({ tunnels }),
) {
  const heard: string[] = [];
  let tls: InterceptedTls | undefined;
  const handler = interceptTls(() => {
    heard.push("next");
    return Promise.resolve(responseOf("a"));
  }, {
    signal: new AbortController().signal,
    interceptor: {
      open(connect: ConnectRequest, options: {
        readonly owner: string;
        readonly inside: (protocol: "h2") => unknown;
      }) {
        heard.push(`intercepted ${connect.authority} of ${options.owner}`);
        options.inside("h2");
        return responseOf("b");
      },
    },
    inside(given: InterceptedTls) {
      tls = given;
      return () => assert.fail();
    },
    passthrough: () => () => assert.fail(),
  } as unknown as InterceptTlsOptions);
  await handler(request, { ...contextOf(), tunnels, reauthorize });
  return { heard, tls };
}

Deno.test("a CONNECT to a host of the rules is intercepted, for the owner of the tunnel", async () => {
  const { heard, tls } = await send(CONNECT, [tunnelWith("^shop\\.test$")]);
  assert.deepEqual(heard, ["intercepted shop.test:443 of ann"]);
  assert.equal(tls?.connect, CONNECT);
  assert.equal(tls.protocol, "h2");
});

Deno.test("everything else passes", async () => {
  const tunnels = [tunnelWith("^shop\\.test$")];
  const other = { ...CONNECT, authority: "other.test:443" };
  const plain = requestOf("http://shop.test/");
  for (const request of [other, plain]) {
    assert.deepEqual((await send(request, tunnels)).heard, ["next"]);
  }
  assert.deepEqual((await send(CONNECT, [tunnelWith()])).heard, ["next"]);
  assert.deepEqual((await send(CONNECT, [])).heard, ["next"]);
  const both = [...tunnels, tunnelWith()];
  assert.deepEqual((await send(CONNECT, both)).heard, ["next"]);
});

Deno.test("a request inside has the tunnels of that moment, while they intercept the host", async () => {
  const tunnels = [tunnelWith("^shop\\.test$")];
  let now: readonly Tunnel[] = tunnels;
  const { tls } = await send(
    CONNECT,
    tunnels,
    () => Promise.resolve({ tunnels: now }),
  );
  assert.equal((await tls?.reauthorize())?.tunnels, tunnels);

  now = [tunnelWith()];
  await assert.rejects(
    async () => await tls?.reauthorize(),
    (error) => error instanceof ProxyError && error.code === "misdirected",
  );
});

Deno.test("a login that ends inside needs another CONNECT, other failures stay what they are", async () => {
  const failures = {
    credentialsWrong: "misdirected",
    credentialsMissing: "misdirected",
    noSuchTunnel: "noSuchTunnel",
    scopeDenied: "scopeDenied",
  } as const;
  for (const [code, wanted] of Object.entries(failures)) {
    const { tls } = await send(
      CONNECT,
      [tunnelWith("^shop\\.test$")],
      () => Promise.reject(new ProxyError(code as keyof typeof failures, "a")),
    );
    await assert.rejects(async () => await tls?.reauthorize(), {
      code: wanted,
    });
  }
  const bug = new TypeError("bug");
  const { tls } = await send(
    CONNECT,
    [tunnelWith("^shop\\.test$")],
    () => Promise.reject(bug),
  );
  await assert.rejects(async () => await tls?.reauthorize(), bug);
});
