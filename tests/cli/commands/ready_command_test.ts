import assert from "node:assert/strict";

import { createSelfSigned } from "../../testing/certs.ts";
import { sallyport } from "../harness.ts";

const LAB_CERTIFICATE = await createSelfSigned(["lab.example"]);

/** A server on loopback with the same response to every request. */
function answering(
  answer: (request: Request) => Response,
): AsyncDisposable & { readonly address: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    answer,
  );
  return {
    address: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("ready exits with 0 when /readyz responds with 200", async () => {
  let path = "";
  await using server = answering(({ url }) => {
    path = new URL(url).pathname;
    return new Response("OK");
  });

  const outcome = await sallyport(["ready", "--api-address", server.address]);

  assert.deepEqual(outcome, { code: 0, stdout: "ready\n", stderr: "" });
  assert.equal(path, "/readyz");
});

Deno.test("ready finds a client that listens on all interfaces, by the client's variables", async () => {
  await using server = answering(({ headers }) => {
    const isKnown = headers.get("authorization") === `Basic ${btoa("a:b")}`;
    return new Response(null, { status: isKnown ? 200 : 401 });
  });
  const port = server.address.replace(/.*:/, "");

  const { code } = await sallyport(["ready"], {
    variables: {
      SALLYPORT_API_ADDRESS: `:${port}`,
      SALLYPORT_API_BASIC_AUTH: "a:b",
      SALLYPORT_TUNNEL_NAME: "foo",
    },
  });

  assert.equal(code, 0);
});

for (
  const [status, reason] of [
    [503, "is not ready (503), wait until it is"],
    [401, "requires credentials, set --api-basic-auth"],
    [429, "set --api-basic-auth and wait a minute"],
  ] as const
) {
  Deno.test(`ready exits with 1 and one line when /readyz responds with ${status}`, async () => {
    await using server = answering(() => new Response(null, { status }));

    const { code, stdout, stderr } = await sallyport(
      ["ready", `--api-address=${server.address}`],
    );

    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^sallyport: Cannot .*\n$/);
    assert(stderr.endsWith(`${reason}\n`));
  });
}

Deno.test("ready exits with 1 when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  listener.close();

  const { code, stderr } = await sallyport(["ready", "--api-address", address]);

  assert.equal(code, 1);
  assert.equal(
    stderr,
    `sallyport: Cannot reach the client at "${address}": connection failed, ` +
      "check that it runs with this --api-address\n",
  );
});

Deno.test("ready exits with 1 when the peer does not speak HTTP", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = async (): Promise<void> => {
    using conn = await listener.accept();
    await conn.write(new TextEncoder().encode("SSH-2.0-OpenSSH_9.9\r\n"));
  };

  const [{ code, stderr }] = await Promise.all([
    sallyport(["ready", `--api-address=127.0.0.1:${listener.addr.port}`]),
    answer(),
  ]);

  assert.equal(code, 1);
  assert.match(stderr, /that port does not speak HTTP/);
});

Deno.test("ready exits with 1 after 2 seconds without a response", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const silent = listener.accept();
  const start = performance.now();

  const { code, stderr } = await sallyport(
    ["ready", `--api-address=127.0.0.1:${listener.addr.port}`],
  );

  (await silent).close();
  assert.equal(code, 1);
  assert.match(stderr, /no response within 2 seconds/);
  assert(performance.now() - start >= 1900);
});

Deno.test("ready says how to name the client when nobody did", async () => {
  const { code, stderr } = await sallyport(["ready"]);

  assert.equal(code, 1);
  assert.equal(
    stderr,
    "sallyport: Cannot reach the client: its address is not set and no such " +
      "tunnel runs in the background, use --api-address or " +
      "SALLYPORT_API_ADDRESS\n",
  );
});

/** A server's address: TLS with a certificate for another name, one response. */
function serverWith(
  status: number,
): AsyncDisposable & { readonly address: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, ...LAB_CERTIFICATE, onListen() {} },
    ({ url }) =>
      new URL(url).pathname === "/readyz"
        ? new Response(null, { status })
        : new Response(null, { status: 404 }),
  );
  return {
    address: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("ready --server exits with 0 when a server serves, whatever name its certificate has", async () => {
  await using server = serverWith(200);

  for (
    const args of [
      ["--server", "--address", server.address],
      ["--address", server.address, "--server"],
    ]
  ) {
    const outcome = await sallyport(["ready", ...args]);

    assert.deepEqual(outcome, { code: 0, stdout: "ready\n", stderr: "" });
  }
});

Deno.test("ready --server finds a server on all interfaces, by the server's variables", async () => {
  await using server = serverWith(200);
  const port = server.address.replace(/.*:/, "");

  const { code } = await sallyport(["ready", "--server"], {
    variables: {
      SALLYPORT_ADDRESS: `:${port}`,
      SALLYPORT_USERS: "jane:key",
      // A variable of the client, with a value.
      SALLYPORT_SERVER: "https://lab.example",
    },
  });

  assert.equal(code, 0);
});

Deno.test("ready --server asks at --external-url, and not at that of a variable", async () => {
  await using balancer = serverWith(503);
  await using server = serverWith(200);
  const ready = (...args: readonly string[]) =>
    sallyport(["ready", "--server", ...args], {
      variables: {
        SALLYPORT_ADDRESS: server.address,
        SALLYPORT_EXTERNAL_URL: `https://${balancer.address}`,
      },
    });

  assert.equal((await ready()).code, 0);
  const { code, stderr } = await ready(
    `--external-url=https://${balancer.address}`,
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`the server at "${balancer.address}" is not ready \\(503\\)`),
  );
});

Deno.test("ready --server exits with 1 and one line when the server does not serve", async () => {
  await using server = serverWith(503);

  const { code, stdout, stderr } = await sallyport(
    ["ready", "--server", `--address=${server.address}`],
  );

  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(
    stderr,
    `sallyport: Cannot use the server: the server at "${server.address}" is ` +
      "not ready (503), wait until it is\n",
  );
});

Deno.test("ready --server exits with 1 when the peer does not speak TLS", async () => {
  await using server = answering(() => new Response("OK"));

  const { code, stderr } = await sallyport(
    ["ready", "--server", `--address=${server.address}`],
  );

  assert.equal(code, 1);
  assert.equal(
    stderr,
    `sallyport: Cannot reach the server at "${server.address}": that port ` +
      "does not speak TLS, check that it runs with this --address\n",
  );
});

Deno.test("ready --server speaks without TLS to a server that does", async () => {
  await using server = answering(() => new Response("OK"));

  const { code } = await sallyport(["ready", "--server"], {
    variables: {
      SALLYPORT_ADDRESS: server.address,
      SALLYPORT_PLAIN_HTTP: "true",
      SALLYPORT_TRUSTED_PROXIES: "10.0.0.0/8",
    },
  });

  assert.equal(code, 0);
});

Deno.test("ready --server exits with 1 after 2 seconds when the handshake does not end", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const silent = listener.accept();

  const { code, stderr } = await sallyport(
    ["ready", "--server", `--address=127.0.0.1:${listener.addr.port}`],
  );

  (await silent).close();
  assert.equal(code, 1);
  assert.match(stderr, /no response within 2 seconds/);
});

Deno.test("ready --server refuses options of the client", async () => {
  const { code, stderr } = await sallyport([
    "ready",
    "--server",
    "--api-address=:1",
  ]);

  assert.equal(code, 1);
  assert.match(
    stderr,
    /^sallyport: Cannot use "--api-address": no such option/,
  );
});

Deno.test("ready with the address of a client's server checks the client", async () => {
  await using client = answering(() => new Response("OK"));

  const { code } = await sallyport(
    [
      "ready",
      "--server",
      "https://lab.example",
      `--api-address=${client.address}`,
    ],
  );

  assert.equal(code, 0);
});
