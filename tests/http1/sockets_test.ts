/** Both ends on real sockets, with peers and origins of other makes. */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { bytesBody } from "../../src/http/bytes_body.ts";
import { Fields } from "../../src/http/fields.ts";
import { serveHttp1 } from "../../src/http1/server/serve.ts";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { spawn } from "../testing/process.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  startEchoServer,
  startResettingServer,
  TcpServer,
} from "../testing/tcp_server.ts";
import { PlainProxy } from "./plain_proxy.ts";

Deno.test(
  "curl gets bodies of every size through serveHttp1() and sendHttp1()",
  needs("curl"),
  async () => {
    await using origin = serveEcho();
    await using proxy = new PlainProxy();
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3_000_000]) {
      const content = new Uint8Array(size).map((_, at) => at * 31 + (at >> 8));

      const back = await curl([
        "-x",
        `http://127.0.0.1:${proxy.port}`,
        "--data-binary",
        "@-",
        "-H",
        "Expect:",
        `http://127.0.0.1:${origin.port}/`,
      ], content);

      assert.deepEqual(back.length, size);
      assert.ok(back.every((byte, at) => byte === content[at]));
    }
    assert.deepEqual(proxy.errors, []);
  },
);

Deno.test(
  "curl waits for 100 before a large upload, and gets it",
  needs("curl"),
  async () => {
    await using origin = serveEcho();
    await using proxy = new PlainProxy();
    const content = new Uint8Array(2_000_000).fill(7);

    const back = await curl([
      "-x",
      `http://127.0.0.1:${proxy.port}`,
      "-T",
      "-",
      "-H",
      "Expect: 100-continue",
      `http://127.0.0.1:${origin.port}/`,
    ], content);

    assert.equal(back.length, content.length);
  },
);

Deno.test(
  "curl goes through a tunnel that serveHttp1() opens",
  needs("curl"),
  async () => {
    await using origin = serveEcho();
    await using proxy = new PlainProxy();

    const back = await curl([
      "-p",
      "-x",
      `http://127.0.0.1:${proxy.port}`,
      "--data-binary",
      "through",
      `http://127.0.0.1:${origin.port}/`,
    ]);

    assert.equal(new TextDecoder().decode(back), "through");
  },
);

Deno.test(
  "curl keeps one connection for several requests",
  needs("curl"),
  async () => {
    await using origin = serveEcho();
    await using proxy = new PlainProxy();
    const url = `http://127.0.0.1:${origin.port}/`;

    const back = await curl([
      "-x",
      `http://127.0.0.1:${proxy.port}`,
      "-w",
      "%{num_connects}",
      "-d",
      "",
      url,
      url,
      url,
    ]);

    assert.equal(new TextDecoder().decode(back), "100");
  },
);

Deno.test("an origin that resets in the middle of its response cuts the peer's, too", async () => {
  await using origin = await startResettingServer(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  );
  await using proxy = new PlainProxy();
  using client = await RawClient.connect({ port: proxy.port });

  await client.send(
    `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  const answer = await client.readAll().catch((error: unknown) =>
    String(error)
  );

  assert.doesNotMatch(answer, /\r\n0\r\n/);
});

Deno.test("a peer that resets while its handler works aborts the exchange", async () => {
  const aborted = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const stop = new AbortController();
  await using server = new TcpServer((conn) =>
    serveHttp1(conn, async (_request, { signal }) => {
      asked.resolve();
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve(), { once: true })
      );
      aborted.resolve();
      throw signal.reason;
    }, { signal: stop.signal })
  );
  const client = new Socket();
  client.on("error", () => client.destroy());
  await new Promise<void>((resolve) =>
    client.connect(server.port, "127.0.0.1", resolve)
  );

  client.write("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
  await within(asked.promise, "the request to reach the handler");
  client.resetAndDestroy();

  await within(aborted.promise, "the exchange to be aborted");
});

Deno.test("a peer that disconnects during the response cancels the body", async () => {
  const cancelled = Promise.withResolvers<void>();
  const stop = new AbortController();
  const piece = bytesBody(new Uint8Array(65_536));
  await using server = new TcpServer((conn) =>
    serveHttp1(conn, () =>
      Promise.resolve({
        kind: "response",
        status: 200,
        fields: new Fields(),
        body: {
          ...piece,
          length: undefined,
          read: (into) => Promise.resolve(into.length),
          cancel: () => cancelled.resolve(),
        },
      }), { signal: stop.signal })
  );
  {
    using client = await RawClient.connect({ port: server.port });
    await client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await client.readHead();
  }

  await within(cancelled.promise, "the body to be cancelled");
});

Deno.test("a tunnel carries what is still sent to a half-closed peer", async () => {
  await using echo = startEchoServer();
  await using proxy = new PlainProxy();
  using client = await RawClient.connect({ port: proxy.port });

  await client.send(
    `CONNECT 127.0.0.1:${echo.port} HTTP/1.1\r\nHost: 127.0.0.1:${echo.port}\r\n\r\nhello`,
  );
  await client.closeWrite();

  assert.equal(await client.readAll(), "HTTP/1.1 200 OK\r\n\r\nhello");
});

Deno.test("sendHttp1() reads every status from 200 to 599 of Deno.serve", async () => {
  await using origin = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
  }, (request) => {
    const status = Number(new URL(request.url).pathname.slice(1));
    const hasBody = ![204, 205, 304].includes(status);
    return new Response(hasBody ? `${status}` : null, { status });
  });
  await using proxy = new PlainProxy();
  using client = await RawClient.connect({ port: proxy.port });
  for (let status = 200; status < 600; status++) {
    const isLast = status === 599 ? "Connection: close\r\n" : "";
    await client.send(
      `GET http://127.0.0.1:${origin.addr.port}/${status} HTTP/1.1\r\nHost: x\r\n${isLast}\r\n`,
    );
    const head = await client.readHead();
    assert.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
    if (![204, 205, 304].includes(status)) await client.readExactly(3);
  }
});

/** Echoes the content, in any number of chunks. */
function serveEcho(): AsyncDisposable & { readonly port: number } {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => new Response(request.body),
  );
  return {
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function curl(
  args: readonly string[],
  input: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<Uint8Array> {
  const child = spawn("curl", {
    args: ["-sS", "--noproxy", "", "-m", "20", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const writer = child.stdin.getWriter();
  const writing = writer.write(input).then(() => writer.close()).catch(
    () => {},
  );
  const { code, stdout, stderr } = await child.output();
  await writing;
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}
