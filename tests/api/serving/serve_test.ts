/** Web applications being served, with TLS and without. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import {
  type ApiEnv,
  serveApp,
  type ServedApp,
  type WebApp,
} from "../../../src/api/serving/serve.ts";
import { within } from "../../testing/deadline.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 } as const;

interface World extends Disposable {
  serve(
    app: WebApp,
    options?: { readonly port?: number; readonly grace?: number },
  ): ServedApp;
  connect(port: number, alpnProtocols?: string[]): Promise<Deno.Conn>;
  ask(served: ServedApp): Promise<Response>;
}

function plainWorld(): World {
  return {
    serve: (app, { port = 0, ...options } = {}) =>
      serveApp(app, { ...LOOPBACK, port }, options),
    connect: (port) => Deno.connect({ ...LOOPBACK, port }),
    ask: ({ url }) => fetch(url),
    [Symbol.dispose]() {},
  };
}

async function tlsWorld(): Promise<World> {
  const authority = await createTestAuthority();
  const tls = await authority.issue(["127.0.0.1"]);
  const caCerts = [authority.ca];
  const client = Deno.createHttpClient({ caCerts });
  return {
    serve: (app, { port = 0, ...options } = {}) =>
      serveApp(app, { ...LOOPBACK, port }, { tls, ...options }),
    connect: (port) => Deno.connectTls({ ...LOOPBACK, port, caCerts }),
    ask: ({ url }) => fetch(url, { client }),
    [Symbol.dispose]: () => client.close(),
  };
}

const WORLDS = [
  ["serveApp() without TLS", plainWorld],
  ["serveApp() with TLS", tlsWorld],
] as const;

function greeter(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get("/", (context) => context.text(`hello ${context.env.remoteAddress}`));
  return app;
}

/** An event stream that ends when the application does, or never. */
function events(isPolite: boolean): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get("/", ({ env }) => {
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
        if (!isPolite) return;
        env.closing?.addEventListener("abort", () => controller.close());
      },
    });
    return new Response(stream);
  });
  return app;
}

for (const [name, open] of WORLDS) {
  Deno.test(`${name} serves on the port it names and passes the address of the peer`, async () => {
    using world = await open();
    await using served = world.serve(greeter());

    const answer = await world.ask(served);

    assert.match(served.url, new RegExp(`//127\\.0\\.0\\.1:${served.port}/$`));
    assert.equal(await answer.text(), "hello 127.0.0.1");
  });

  Deno.test(`${name} names the address when the port is in use`, async () => {
    using world = await open();
    await using served = world.serve(greeter());

    assert.throws(() => world.serve(greeter(), { port: served.port }), {
      name: "ListenError",
      message:
        `Cannot listen on "127.0.0.1:${served.port}": the address is in use, choose another port or stop the program that has it`,
    });
  });

  Deno.test(`${name}, disposed, ends idle keep-alive connections`, async () => {
    using world = await open();
    const served = world.serve(greeter());
    using conn = await world.connect(served.port);
    await conn.write(
      new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    );
    const buffer = new Uint8Array(4096);
    await conn.read(buffer);

    await served[Symbol.asyncDispose]();

    await served.done;
    // What is left of the response, then its end or a reset: either way nothing more comes.
    while (await conn.read(buffer).catch(() => null) !== null);
  });

  Deno.test(`${name}, disposed, lets a response that has begun finish`, async () => {
    using world = await open();
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const app = new Hono<ApiEnv>();
    app.get("/", async (context) => {
      entered.resolve();
      await gate.promise;
      return context.text("finished");
    });
    const served = world.serve(app);
    const answer = world.ask(served);
    await entered.promise;

    const disposed = served[Symbol.asyncDispose]();
    gate.resolve();

    assert.equal(await (await answer).text(), "finished");
    await disposed;
  });

  Deno.test(`${name}, disposed, tells open event streams to end`, async () => {
    using world = await open();
    const served = world.serve(events(true));
    const response = await world.ask(served);
    const reader = response.body?.getReader();
    await reader?.read();

    const [last] = await Promise.all([
      reader?.read(),
      served[Symbol.asyncDispose](),
    ]);

    assert.deepEqual(last, { value: undefined, done: true });
  });

  Deno.test(`${name}, disposed, does not wait for a response that never ends`, async () => {
    using world = await open();
    const served = world.serve(events(false), { grace: 0 });
    const response = await world.ask(served);
    const reader = response.body?.getReader();
    await reader?.read();

    await served[Symbol.asyncDispose]();

    await assert.rejects(async () => await reader?.read());
  });

  Deno.test(`${name}, disposed twice, is disposed once`, async () => {
    using world = await open();
    const served = world.serve(greeter());

    await Promise.all([
      served[Symbol.asyncDispose](),
      served[Symbol.asyncDispose](),
    ]);
    await served[Symbol.asyncDispose]();
  });
}

Deno.test("serveApp() speaks HTTP/2", async () => {
  const authority = await createTestAuthority();
  const tls = await authority.issue(["127.0.0.1"]);
  await using served = serveApp(greeter(), LOOPBACK, { tls });

  using conn = await Deno.connectTls({
    ...LOOPBACK,
    port: served.port,
    caCerts: [authority.ca],
    alpnProtocols: ["h2"],
  });

  assert.match(served.url, /^https:/);
  assert.equal((await conn.handshake()).alpnProtocol, "h2");
});

Deno.test("serveApp() ends connections that have idled long enough", async () => {
  await using served = serveApp(greeter(), LOOPBACK, { idleTimeout: 1 });
  using conn = await Deno.connect({ ...LOOPBACK, port: served.port });
  await conn.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  );

  let answer = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) break;
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }

  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*hello 127\.0\.0\.1/);
});

Deno.test("serveApp() gives an application content, and refuses to be a proxy", async () => {
  const app = new Hono<ApiEnv>();
  app.post("/", async ({ req }) => new Response(`got ${await req.text()}`));
  await using served = serveApp(app, LOOPBACK);

  const posted = await fetch(served.url, { method: "POST", body: "a form" });
  assert.equal(await posted.text(), "got a form");
  for (
    const [target, status] of [
      ["CONNECT a.test:443", "405 Method Not Allowed"],
      ["TRACE /", "405 Method Not Allowed"],
      ["GET //", "400 Bad Request"],
      ["GET /", "404 Not Found"],
    ] as const
  ) {
    using conn = await Deno.connect({ ...LOOPBACK, port: served.port });
    await conn.write(
      new TextEncoder().encode(
        `${target} HTTP/1.1\r\nHost: a.test:443\r\n\r\n`,
      ),
    );
    const buffer = new Uint8Array(4096);
    const count = await conn.read(buffer) ?? 0;
    const [line] = new TextDecoder().decode(buffer.subarray(0, count))
      .split("\r\n");

    assert.equal(line, `HTTP/1.1 ${status}`, target);
  }
});

Deno.test("one connection has room for all live pages of a user, and for more requests", async () => {
  using world = await tlsWorld();
  const app = events(true);
  app.get("/now", (context) => context.text("now"));
  await using served = world.serve(app);
  // One client has one HTTP/2 connection.
  const pages = [];
  for (let page = 0; page < 100; page += 1) {
    pages.push(await within(world.ask(served), `page ${page}`));
  }

  const answer = await within(
    world.ask({ ...served, url: `${served.url}now` }),
    "a request beside them",
  );

  assert.equal(await answer.text(), "now");
  await Promise.all(pages.map(({ body }) => body?.cancel()));
});
