import assert from "node:assert/strict";
import { Hono } from "hono";
import { ensureCertificates } from "../../src/server/certificates.ts";
import { type ApiEnv, serveApp, type ServedApp } from "../../src/api/serve.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 } as const;

function greeter(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get("/", (context) => context.text(`hello ${context.env.remoteAddress}`));
  return app;
}

async function get(served: ServedApp, path = ""): Promise<string> {
  const response = await fetch(`${served.url}${path}`);
  return await response.text();
}

Deno.test("serveApp() serves on the port it names and tells who asks", async () => {
  await using served = serveApp(greeter(), LOOPBACK);

  assert.equal(served.url, `http://127.0.0.1:${served.port}/`);
  assert.equal(await get(served), "hello 127.0.0.1");
});

Deno.test("serveApp() names the address when the port is in use", async () => {
  await using served = serveApp(greeter(), LOOPBACK);

  assert.throws(
    () => serveApp(greeter(), { ...LOOPBACK, port: served.port }),
    {
      name: "ListenError",
      message:
        `Cannot listen on "127.0.0.1:${served.port}": the address is in use, choose another port or stop the program that has it`,
    },
  );
});

Deno.test("serveApp() speaks TLS, and HTTP/2 in it", async () => {
  const folder = await Deno.makeTempDir();
  const { certPem, keyPem, caPem } = await ensureCertificates(folder);
  await Deno.remove(folder, { recursive: true });
  await using served = serveApp(greeter(), {
    ...LOOPBACK,
    tls: { cert: certPem, key: keyPem },
  });
  using trusting = Deno.createHttpClient({ caCerts: [caPem] });

  const response = await fetch(served.url, { client: trusting });

  assert.match(served.url, /^https:/);
  assert.equal(await response.text(), "hello 127.0.0.1");
  using conn = await Deno.connectTls({
    ...LOOPBACK,
    port: served.port,
    caCerts: [caPem],
    alpnProtocols: ["h2"],
  });
  assert.equal((await conn.handshake()).alpnProtocol, "h2");
});

Deno.test("disposing ends idle keep-alive connections", async () => {
  const served = serveApp(greeter(), LOOPBACK);
  using conn = await Deno.connect({ ...LOOPBACK, port: served.port });
  await conn.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  );
  const buffer = new Uint8Array(4096);
  await conn.read(buffer);

  await served[Symbol.asyncDispose]();

  await served.done;
  // Ended or reset: either way nothing more comes.
  assert.equal(await conn.read(buffer).catch(() => null), null);
});

Deno.test("disposing lets an answer under way finish", async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const app = new Hono<ApiEnv>();
  app.get("/", async (context) => {
    entered.resolve();
    await gate.promise;
    return context.text("finished");
  });
  const served = serveApp(app, LOOPBACK);
  const answer = get(served);
  await entered.promise;

  const disposed = served[Symbol.asyncDispose]();
  gate.resolve();

  assert.equal(await answer, "finished");
  await disposed;
});

Deno.test("disposing tells open event streams to end", async () => {
  const app = new Hono<ApiEnv>();
  app.get("/", ({ env }) => {
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
        env.closing?.addEventListener("abort", () => controller.close());
      },
    });
    return new Response(stream);
  });
  const served = serveApp(app, LOOPBACK);
  const response = await fetch(served.url);
  const reader = response.body?.getReader();
  await reader?.read();

  const [last] = await Promise.all([
    reader?.read(),
    served[Symbol.asyncDispose](),
  ]);

  assert.deepEqual(last, { value: undefined, done: true });
});

Deno.test("disposing does not wait for an answer that never ends", async () => {
  const app = new Hono<ApiEnv>();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
    },
  });
  app.get("/", () => new Response(stream));
  const served = serveApp(app, { ...LOOPBACK, grace: 0 });
  const response = await fetch(served.url);
  const reader = response.body?.getReader();
  await reader?.read();

  await served[Symbol.asyncDispose]();

  await assert.rejects(async () => await reader?.read());
});

Deno.test("disposing twice is the same as once", async () => {
  const served = serveApp(greeter(), LOOPBACK);

  await Promise.all([
    served[Symbol.asyncDispose](),
    served[Symbol.asyncDispose](),
  ]);
  await served[Symbol.asyncDispose]();
});
