import assert from "node:assert/strict";
import type { Handler } from "../../../src/http/exchange.ts";
import { parseBasicCredentials } from "../../../src/http/basic_credentials.ts";
import { Fields } from "../../../src/http/fields.ts";
import { serveHttp1 } from "../../../src/http1/server/serve.ts";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import { Prober } from "../../../src/server/proxy/probe.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { PROBE_HOST } from "../../../src/tunnel/protocol.ts";

/** A connection to a proxy in this process. */
function connectTo(handler: Handler): ByteStream {
  const [near, far] = streamPair();
  const { signal } = new AbortController();
  void serveHttp1(far, handler, { signal });
  return near;
}

function newTunnel() {
  return new TunnelRegistry().create({ owner: "ann", name: "ci" }).tunnel;
}

Deno.test("a probe passes the proxy of its own process, with its own credentials, for the probe's host", async () => {
  const prober = new Prober();
  const tunnel = newTunnel();
  const seen: (string | undefined)[] = [];
  const handler: Handler = (request) => {
    const field = request.fields.get("proxy-authorization");
    const { username = "", password = "" } = parseBasicCredentials(field) ?? {};
    seen.push(request.authority, prober.tunnelIdOf(username, password));
    return Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields([]),
      body: undefined,
    });
  };

  const result = await prober.probe(tunnel, {
    check: () => undefined,
    connect: () => connectTo(handler),
  });

  assert.equal(result.ok, true);
  assert.deepEqual(seen, [PROBE_HOST, tunnel.id]);
});

Deno.test("a tunnel is not ready while the port of the proxy accepts no connections", async () => {
  let connected = 0;

  const result = await new Prober().probe(newTunnel(), {
    check: () => "the proxy port accepts no connections: too many open files",
    connect() {
      connected += 1;
      return connectTo(() => Promise.reject(new Error("not reached")));
    },
  });

  assert.deepEqual(result, {
    ok: false,
    error: "the proxy port accepts no connections: too many open files",
  });
  assert.equal(connected, 0);
});

Deno.test("a tunnel whose probe has another status is not ready, and the reason has the status", async () => {
  const result = await new Prober().probe(newTunnel(), {
    check: () => undefined,
    connect: () =>
      connectTo(() =>
        Promise.resolve({
          kind: "response",
          status: 503,
          fields: new Fields([]),
          body: undefined,
        })
      ),
  });

  assert.deepEqual(result, {
    ok: false,
    error: "the proxy responded with status 503",
  });
});

/** A proxy in this process that answers with these statuses in turn. */
function answering(...statuses: number[]) {
  const logins: string[] = [];
  const path = {
    check: () => undefined,
    connect: () =>
      connectTo((request) => {
        const field = request.fields.get("proxy-authorization");
        const { username = "", password = "" } = parseBasicCredentials(field) ??
          {};
        logins.push(`${username}:${password}`);
        return Promise.resolve({
          kind: "response",
          status: statuses.shift() ?? 500,
          fields: new Fields([]),
          body: undefined,
        });
      }),
  };
  return { logins, path };
}

Deno.test("credentials of a probe are those of its tunnel, for this server alone", async () => {
  const { logins, path } = answering(204);
  const prober = new Prober();
  const tunnel = newTunnel();

  await prober.probe(tunnel, path);

  const [username = "", password = ""] = logins[0]?.split(":") ?? [];
  assert.equal(prober.tunnelIdOf(username, password), tunnel.id);
  assert.equal(prober.tunnelIdOf("!probe+other", password), "other");
  assert.equal(prober.tunnelIdOf(username, `${password}x`), undefined);
  assert.equal(prober.tunnelIdOf(username, ""), undefined);
  assert.equal(prober.tunnelIdOf(`probe+${tunnel.id}`, password), undefined);
  assert.equal(prober.tunnelIdOf("!probe", password), undefined);
  assert.equal(new Prober().tunnelIdOf(username, password), undefined);
});

Deno.test("probes of one tunnel at once are one, later ones are new", async () => {
  const { logins, path } = answering(204, 503);
  const prober = new Prober();
  const tunnel = newTunnel();

  const both = await Promise.all([
    prober.probe(tunnel, path),
    prober.probe(tunnel, path),
  ]);

  assert.equal(both[0], both[1]);
  assert.equal(logins.length, 1);
  assert.equal((await prober.probe(tunnel, path)).ok, false);
  assert.equal(logins.length, 2);
});

Deno.test("probes of two tunnels are two", async () => {
  const { logins, path } = answering(204, 204);
  const prober = new Prober();

  await Promise.all([
    prober.probe(newTunnel(), path),
    prober.probe(newTunnel(), path),
  ]);

  assert.equal(new Set(logins).size, 2);
});
