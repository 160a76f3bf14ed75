/**
 * The client role and nghttpx, a server that others wrote (`node:http2` is in
 * tests/http2/node_test.ts). Behind it stands our server role, so that it has to
 * understand both.
 */
import assert from "node:assert/strict";
import type { Http2Client } from "../../src/http2/api.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { get, post, readAll } from "../http2/pairs.ts";
import { freePort } from "../testing/free_port.ts";
import { needs } from "../testing/needs.ts";
import { TestProcess } from "../testing/process.ts";
import { HELLO, startConformanceSite } from "./http2_site.ts";

/** More than the windows of nghttpx, which are 64 KiB. */
const CONTENT: Uint8Array = new Uint8Array(2_000_000).map((_, at) => at * 7);

interface Front extends AsyncDisposable {
  readonly client: Http2Client;
}

/** Our client, nghttpx and our server, in a row. */
async function startFront(): Promise<Front> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await startConformanceSite("cleartext"));
  const port = stack.use(await startNghttpx(site.port)).port;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const client = stack.use(startHttp2Client(conn));
  const all = stack.move();
  return { client, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** It cannot say which port the system chose for it, so that it is given one that was free a moment ago, and another when that was taken. */
async function startNghttpx(
  backend: number,
): Promise<AsyncDisposable & { readonly port: number }> {
  for (let attempt = 0;; attempt++) {
    const port = freePort();
    const front = new TestProcess("nghttpx", [
      ...["--conf=/dev/null", "--workers=1", "--errorlog-file=/dev/stderr"],
      `--frontend=127.0.0.1,${port};no-tls`,
      `--backend=127.0.0.1,${backend};;proto=h2`,
    ]);
    try {
      await front.waitFor(/Listening on/, { stream: "stderr" });
      return {
        port,
        [Symbol.asyncDispose]: () => front[Symbol.asyncDispose](),
      };
    } catch (error) {
      await front[Symbol.asyncDispose]();
      if (attempt === 3) throw error;
    }
  }
}

Deno.test({
  ...needs("nghttpx"),
  name: "the client role gets pages from nghttpx, one and a hundred at once",
  async fn() {
    await using front = await startFront();
    const sizes = Array.from({ length: 100 }, (_, index) => 1 + index * 1000);

    const hello = await front.client.request(get(), { endStream: true });
    const { fields } = await hello.response;
    const lengths = await Promise.all(sizes.map(async (size) => {
      const stream = await front.client.request(get(`/${size}`), {
        endStream: true,
      });
      return (await readAll(stream)).length;
    }));

    assert.deepEqual(fields.slice(0, 2), [":status", "200"]);
    assert.equal(new TextDecoder().decode(await readAll(hello)), HELLO);
    assert.deepEqual(lengths, sizes);
  },
});

Deno.test({
  ...needs("nghttpx"),
  name: "the client role gets content and trailers back from nghttpx",
  async fn() {
    await using front = await startFront();

    const stream = await front.client.request(post("/echo"));
    const [, content] = await Promise.all([
      writeAll(stream, CONTENT).then(() => stream.sendTrailers(["x-a", "b"])),
      readAll(stream),
    ]);

    assert.deepEqual(content, CONTENT);
    assert.deepEqual(stream.trailers, ["x-end", "yes"]);
  },
});

Deno.test({
  ...needs("nghttpx"),
  name: "extended CONNECT passes nghttpx",
  async fn() {
    await using front = await startFront();

    const stream = await front.client.request([
      ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "http"],
      ...[":path", "/echo", ":authority", "a.test"],
      ...["sec-websocket-version", "13"],
    ]);
    await stream.response;
    await writeAll(stream, CONTENT.subarray(0, 5));
    const back = new Uint8Array(5);
    for (let at = 0; at < 5;) {
      at += await stream.read(back.subarray(at)) ?? assert.fail();
    }

    assert.deepEqual(back, CONTENT.subarray(0, 5));
    stream.close();
  },
});

Deno.test({
  ...needs("nghttpx"),
  name: "the client role outlives streams that it gives up at nghttpx",
  async fn() {
    await using front = await startFront();

    for (let round = 0; round < 50; round++) {
      const stream = await front.client.request(get("/1000000"), {
        endStream: true,
      });
      await stream.read(new Uint8Array(1));
      stream.close();
    }
    const last = await front.client.request(get("/10"), { endStream: true });

    assert.equal((await readAll(last)).length, 10);
    assert.equal(front.client.stats.unreadBytes, 0);
  },
});
