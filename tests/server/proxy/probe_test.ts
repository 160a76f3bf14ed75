/** A probe is a request through the proxy, and only its own server knows it. */
import assert from "node:assert/strict";
import { parseBasicCredentials } from "../../../src/http/basic_credentials.ts";
import type { ProxyRequest } from "../../../src/http/exchange.ts";
import { Prober } from "../../../src/server/proxy/probe.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { plain, startServing } from "../../http1/served.ts";
import { freePort } from "../../testing/free_port.ts";

const TUNNEL = { id: "0123456789abcdef" } as Tunnel;

/** A proxy that answers with these statuses in turn, and what it was asked. */
function proxy(...statuses: number[]) {
  const asked: ProxyRequest[] = [];
  return {
    asked,
    path: () => {
      const { client } = startServing((request) => {
        asked.push(request);
        return Promise.resolve(plain(statuses.shift() ?? 500, ""));
      });
      return client;
    },
  };
}

function loginOf(request: ProxyRequest | undefined) {
  const login = parseBasicCredentials(
    request?.fields.get("proxy-authorization"),
  );
  assert.ok(login);
  return login;
}

Deno.test("a probe goes to a host that the client itself responds for", async () => {
  const { asked, path } = proxy(204);
  const result = await new Prober().probe(TUNNEL, path);
  assert.ok(result.ok);
  assert.ok(result.durationMs >= 0 && result.durationMs < 10_000);
  const [request] = asked;
  assert.ok(request?.kind === "request");
  assert.equal(
    `${request.method} ${request.authority} ${request.path}`,
    "GET probe.sallyport.invalid /",
  );
});

Deno.test("its credentials are those of the tunnel, for this server alone", async () => {
  const { asked, path } = proxy(204);
  const prober = new Prober();
  await prober.probe(TUNNEL, path);
  const { username, password } = loginOf(asked[0]);
  assert.equal(prober.tunnelIdOf(username, password), TUNNEL.id);
  assert.equal(prober.tunnelIdOf("!probe+other", password), "other");
  assert.equal(prober.tunnelIdOf(username, `${password}x`), undefined);
  assert.equal(prober.tunnelIdOf(username, ""), undefined);
  assert.equal(prober.tunnelIdOf(`probe+${TUNNEL.id}`, password), undefined);
  assert.equal(prober.tunnelIdOf("!probe", password), undefined);
  assert.equal(new Prober().tunnelIdOf(username, password), undefined);
});

for (const status of [200, 502]) {
  Deno.test(`a proxy that responds ${status} has not reached the client`, async () => {
    assert.deepEqual(await new Prober().probe(TUNNEL, proxy(status).path), {
      ok: false,
      error: `the proxy responded with status ${status}`,
    });
  });
}

Deno.test("a proxy that cannot be dialled is the error", async () => {
  const address = { hostname: "127.0.0.1", port: freePort() };
  const result = await new Prober().probe(TUNNEL, address);
  assert.ok(!result.ok);
  assert.match(result.error, /127\.0\.0\.1/);
});

Deno.test("probes of one tunnel at once are one, later ones are new", async () => {
  const { asked, path } = proxy(204, 503);
  const prober = new Prober();
  const both = await Promise.all([
    prober.probe(TUNNEL, path),
    prober.probe(TUNNEL, path),
  ]);
  assert.equal(both[0], both[1]);
  assert.equal(asked.length, 1);
  assert.equal((await prober.probe(TUNNEL, path)).ok, false);
  assert.equal(asked.length, 2);
});

Deno.test("probes of two tunnels are two", async () => {
  const { asked, path } = proxy(204, 204);
  const prober = new Prober();
  const other = { id: "other" } as Tunnel;
  await Promise.all([prober.probe(TUNNEL, path), prober.probe(other, path)]);
  assert.deepEqual(
    asked.map((each) => loginOf(each).username).sort(),
    ["!probe+0123456789abcdef", "!probe+other"],
  );
});
