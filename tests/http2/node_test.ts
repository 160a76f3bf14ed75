import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startHttp2Client } from "../../src/http2/client.ts";
import { ErrorCode } from "../../src/http2/errors.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import { needs } from "../testing/needs.ts";
import { run, spawn } from "../testing/process.ts";
import { connectTo, get, post, readAll } from "./pairs.ts";

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

Deno.test({
  ...needs("node"),
  name: "the client role works with node:http2",
  async fn() {
    await using node = spawn("node", {
      args: [script("node_server.mjs")],
      stdin: "piped",
      stdout: "piped",
    });
    const port = Number(await firstLine(node.stdout));
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await using client = startHttp2Client(conn);

    const interim: string[][] = [];
    const hello = await client.request(get("/early"), { endStream: true });
    hello.interimTarget = { onInterim: (fields) => interim.push(fields) };
    const { fields } = await hello.response;
    const text = new TextDecoder().decode(await readAll(hello));
    const content = new Uint8Array(5_000_000).map((_, at) => at * 7);
    const echo = await client.request(post("/echo"));
    const [, echoed] = await Promise.all([
      writeAll(echo, content).then(() => echo.closeWrite()),
      readAll(echo),
    ]);
    const tunnel = await client.request(connectTo());
    await writeAll(tunnel, content.subarray(0, 100));
    await tunnel.closeWrite();
    const many = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const stream = await client.request(post(`/${index}`));
        await stream.closeWrite();
        return (await readAll(stream)).length;
      }),
    );
    const reset = await client.request(post("/reset"));

    assert.equal(interim.length, 1);
    assert.deepEqual(fields.slice(0, 2), [":status", "200"]);
    assert.equal(fields.filter((name) => name === "set-cookie").length, 2);
    assert.equal(text, "hello");
    assert.deepEqual(hello.trailers, ["x-end", "yes"]);
    assert.deepEqual(echoed, content);
    assert.deepEqual(await readAll(tunnel), content.subarray(0, 100));
    assert.deepEqual(many, Array.from({ length: 200 }, () => 0));
    await assert.rejects(readAll(reset), { code: ErrorCode.INTERNAL_ERROR });
    assert.ok(await client.ping() > 0);
    await client.drain();
    await node.stdin.close();
  },
});

Deno.test({
  ...needs("node"),
  name: "the server role works with node:http2",
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const output = run("node", [script("node_client.mjs"), String(port)]);
    await using server = startHttp2Server(await listener.accept(), {
      async onStream(stream) {
        if (stream.fields.includes("/reset")) {
          return stream.reset(ErrorCode.REFUSED_STREAM);
        }
        await stream.inform([":status", "100"]);
        await stream.respond([":status", "200"]);
        await stream.writeTo(stream);
        await stream.sendTrailers(["x-end", "yes"]);
      },
    });

    const { stdout } = await output;
    const seen = JSON.parse(stdout);
    const sum = createHash("sha256")
      .update("0123456789".repeat(500_000)).digest("hex");

    assert.equal(seen.sum, sum);
    assert.deepEqual(seen.echo, {
      sum,
      status: 200,
      interim: 1,
      trailer: "yes",
      code: 0,
    });
    assert.equal(seen.many, 100);
    assert.equal(seen.refused, "ERR_HTTP2_STREAM_ERROR");
    assert.equal(seen.ping, true);
    await server.done;
  },
});

async function firstLine(
  stream: ReadableStream<Uint8Array>,
): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  await stream.cancel();
  return new TextDecoder().decode(value);
}
