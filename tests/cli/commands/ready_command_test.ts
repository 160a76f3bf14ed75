import assert from "node:assert/strict";

import { sallyport } from "../harness.ts";

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
    "sallyport: Cannot reach the client: its address is not set, use " +
      "--api-address or SALLYPORT_API_ADDRESS\n",
  );
});
