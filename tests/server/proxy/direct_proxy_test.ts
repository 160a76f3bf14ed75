import assert from "node:assert/strict";
import type { PlainRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import type { NameResolver } from "../../../src/net/names/name_resolver.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import {
  createDirectProxy,
  type DirectProxyOptions,
} from "../../../src/server/proxy/direct_proxy.ts";
import { startOrigin } from "../../testing/origin.ts";

/** What names lead to in these tests. */
const NAMES: Readonly<Record<string, string>> = {
  "admin.corp.test": "10.1.2.3",
  "metadata.test": "169.254.169.254",
  "loop.test": "127.0.0.1",
  "own.test": "8.8.4.4",
  "own6.test": "2001:4860:4860::8844",
  "own4in6.test": "::ffff:8.8.4.4",
  "server.example": "8.8.8.8",
  "front.test": "8.8.8.8",
};

const resolve: NameResolver = (hostname) => {
  const address = /^[\d.:[\]]+$/.test(hostname) ? hostname : NAMES[hostname];
  if (hostname === "broken.test") throw new ProxyError("nameServerFailed", "");
  return Promise.resolve(
    address === undefined
      ? undefined
      : { addresses: [address], source: "network" },
  );
};

function request(authority: string): PlainRequest {
  return {
    kind: "request",
    scheme: "http",
    method: "GET",
    authority,
    path: "/",
    fields: new Fields(),
    body: undefined,
  };
}

/** What is said about a site: the failure as a browser reads it, without the name. */
async function answerTo(
  authority: string,
  options: Partial<DirectProxyOptions> = {},
): Promise<string> {
  await using proxy = createDirectProxy({
    mode: "public",
    resolve,
    externalHosts: ["server.example"],
    interfaces: () => ["127.0.0.1", "8.8.4.4", "2001:4860:4860::8844"],
    ...options,
  });
  const gone = new AbortController();
  const context = { id: "1", signal: gone.signal, inform() {} };
  try {
    const response = await proxy.roundTrip(request(authority), context);
    if (response.kind === "response") response.body?.cancel();
    return String(response.status);
  } catch (error) {
    assert.ok(error instanceof ProxyError);
    const name = authority.replace(/:\d+$/, "");
    return `${error.status} ${error.reason} ${
      error.message.replaceAll(name, "NAME")
    }`;
  }
}

for (
  const [what, authority] of [
    ["a name that leads inside", "admin.corp.test"],
    ["a name that is not there", "nothing.corp.test"],
    ["a name that no DNS server answers for", "broken.test"],
    ["a name that leads to metadata", "metadata.test"],
    ["a name that leads to this machine", "loop.test"],
    ["localhost", "localhost"],
    ["an address of the server", "8.8.4.4"],
    ["a name of the server", "own.test"],
    ["a name of the server by IPv6", "own6.test"],
    ["an address of the server, written as IPv6", "own4in6.test"],
    ["the external name of the server", "server.example"],
    ["another name of the same address", "front.test"],
    ["a port that is none of the web's", "8.8.4.5:22"],
    ["a port of a name that is not there", "nothing.corp.test:8443"],
  ] as const
) {
  Deno.test(`the server reaches not, and tells nothing of: ${what}`, async () => {
    const other = await answerTo("surely-nothing.test");

    assert.match(other, /^403 denied_direct /);
    assert.equal(await answerTo(authority), other);
  });
}

Deno.test("the server that does not know its own addresses reaches nothing, and tells nothing", async () => {
  const interfaces = () => {
    throw new Error("The system does not tell");
  };

  const there = await answerTo("front.test", { interfaces });
  const missing = await answerTo("nothing.test", { interfaces });

  assert.match(there, /^500 /);
  assert.equal(missing, there);
});

Deno.test("the server reaches everything in the mode `all`", async () => {
  await using origin = await startOrigin();
  const site = `127.0.0.1:${origin.port}`;

  assert.equal(await answerTo(site, { mode: "all" }), "200");
  assert.equal(
    await answerTo(site, { mode: "all", ports: [origin.port] }),
    "200",
  );
  assert.match(
    await answerTo(site, { mode: "all", ports: [80] }),
    /^403 denied_direct /,
  );
  assert.match(await answerTo(site, { mode: "none" }), /^403 denied_direct /);
});
