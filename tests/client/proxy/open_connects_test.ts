import assert from "node:assert/strict";
import { openConnects } from "../../../src/client/proxy/open_connects.ts";
import type {
  ConnectRequest,
  Handler,
  ProxyRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { contextOf, responseOf } from "../../plugin/exchanges.ts";
import { ByteScanner, bytesOf, textOf } from "../../testing/byte_scanner.ts";
import { within } from "../../testing/deadline.ts";

const MINE = { wantsMessages: (host: string) => host === "chat.test" };

/** What a handler was asked, and the far end of the CONNECT that it got. */
interface World {
  readonly asked: string[];
  readonly site: Promise<ByteStream>;
  /** Opens a CONNECT. */
  connect(authority: string): Promise<Browser>;
}

/** The browser's end of a CONNECT. */
class Browser extends ByteScanner implements Disposable {
  readonly #stream: ByteStream;

  constructor(stream: ByteStream) {
    super(stream);
    this.#stream = stream;
  }

  send(text: string): Promise<void> {
    return writeAll(this.#stream, bytesOf(text));
  }

  [Symbol.dispose](): void {
    this.#stream.close();
  }
}

function startWorld(firstByteTimeout = 20_000): World {
  const asked: string[] = [];
  const site = Promise.withResolvers<ByteStream>();
  const inner: Handler = (request, { id, user, job }) => {
    const place = request.kind === "connect" ? "" : ` ${request.path}`;
    const fields = JSON.stringify(request.fields.flat);
    asked.push(
      `${request.kind} ${request.authority}${place} ${id} ${user} ${job} ${fields}`,
    );
    if (request.kind !== "connect") {
      return Promise.resolve(responseOf("inside"));
    }
    const [far, stream] = streamPair();
    site.resolve(far);
    const fieldsOfNone = new Fields();
    return Promise.resolve({
      ...{ kind: "stream", status: 200, fields: fieldsOfNone, stream },
    });
  };
  const handler = openConnects(inner, {
    plugins: MINE,
    respondToErrors: toPage,
    firstByteTimeout,
  });
  return {
    asked,
    site: site.promise,
    async connect(authority) {
      const request: ConnectRequest = {
        ...{ kind: "connect", method: "CONNECT", authority },
        fields: new Fields(),
      };
      const context = { ...contextOf(), user: "jane", job: "job-1" };
      const response = await handler(request, context);
      assert.equal(response.kind, "stream");
      if (response.kind !== "stream") throw new TypeError("no stream");
      return new Browser(response.stream);
    },
  };
}

function toPage(handler: Handler): Handler {
  return async (request: ProxyRequest, context) => {
    try {
      return await handler(request, context);
    } catch (thrown) {
      assert.ok(thrown instanceof ProxyError);
      return responseOf(thrown.code, { status: 421 });
    }
  };
}

async function firstBytes(stream: ByteStream, count: number): Promise<string> {
  const into = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const read = await within(stream.read(into.subarray(filled)), "bytes");
    if (read === null) break;
    filled += read;
  }
  return new TextDecoder().decode(into.subarray(0, filled));
}

Deno.test("a GET inside a CONNECT is handled for the same user and job", async () => {
  const world = startWorld();
  using browser = await world.connect("chat.test:80");

  await browser.send(
    "GET /room HTTP/1.1\r\nHost: Chat.test\r\n" +
      "Proxy-Authorization: Basic eA==\r\nConnection: close\r\n\r\n",
  );
  const text = textOf(await browser.readAll());

  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*inside$/);
  assert.equal(world.asked.length, 1);
  assert.match(
    world.asked[0] ?? "",
    /^request Chat\.test \/room 1\.1 jane job-1 \[("Host","Chat.test")?\]$/,
  );
});

Deno.test("a GET for another host, or another port, is misdirected", async () => {
  for (const host of ["other.test", "chat.test:81", "https://chat.test/"]) {
    const world = startWorld();
    using browser = await world.connect("chat.test:8080");

    await browser.send(
      `GET ${host.startsWith("https") ? host : "/"} HTTP/1.1\r\n` +
        `Host: ${host.replace(/https:|\//g, "")}\r\nConnection: close\r\n\r\n`,
    );
    const text = textOf(await browser.readAll());

    assert.match(text, /^HTTP\/1\.1 421 [^]*misdirected$/, host);
    assert.deepEqual(world.asked, [], host);
  }
});

Deno.test("bytes that begin otherwise go to the site as they are", async () => {
  for (const first of ["\x16\x03\x01", "POST / HTTP/1.1\r\n", "SSH-2.0-x"]) {
    const world = startWorld();
    using browser = await world.connect("chat.test:8443");

    await browser.send(first);
    const site = await within(world.site, "the site");

    assert.equal(await firstBytes(site, first.length), first);
    const answered = site.write(bytesOf("back"));
    assert.equal(textOf(await browser.readExactly(4)), "back");
    await answered;
    site.close();
  }
});

Deno.test("a site that speaks first is heard after a while", async () => {
  const world = startWorld(5);
  using browser = await world.connect("chat.test:25");

  const site = await within(world.site, "the site");
  void site.write(bytesOf("220 ready"));

  assert.equal(textOf(await browser.readExactly(9)), "220 ready");
  site.close();
});

for (const authority of ["chat.test:443", "other.test:80", "chat.test"]) {
  Deno.test(`${authority} is not looked into`, async () => {
    const world = startWorld();
    using browser = await world.connect(authority);

    await within(world.site, "the site, before any byte");
    void browser.send("GET");

    assert.equal(await firstBytes(await world.site, 3), "GET");
    (await world.site).close();
  });
}
