/** @module */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bytesBody, textBody } from "../../src/http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { startHttp2Client } from "../../src/http2/client.ts";
import type { Http2Client, Http2ClientStream } from "../../src/http2/api.ts";
import { streamPair } from "../../src/net/stream/stream_pair.ts";
import { websocketHandshake } from "../../src/server/interception/websocket_handshake.ts";
import { serveHttp2 } from "../../src/http_server/serve_http2.ts";
import { ProxyError } from "../../src/proxy/errors/errors.ts";
import { ByteScanner, bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";

const GET = [
  ...[":method", "GET", ":scheme", "https"],
  ...[":authority", "shop.test", ":path", "/a?b=c"],
];

/** Serves `handler`, and runs `ask` as the browser. */
async function withBrowser(
  handler: Handler,
  ask: (browser: Http2Client) => Promise<void>,
): Promise<void> {
  const [here, there] = streamPair();
  const stop = new AbortController();
  let ids = 0;
  const served = serveHttp2(there, handler, {
    signal: stop.signal,
    exchangeId: () => `1.${++ids}`,
  });
  const browser = startHttp2Client(here);
  await within(ask(browser), "the browser");
  stop.abort();
  await within(served, "the server to drain");
  await browser.done.catch(() => {});
}

async function textOf(stream: Http2ClientStream): Promise<string> {
  return new TextDecoder().decode(await new ByteScanner(stream).readAll());
}

function answer(status: number, flat: string[], text = ""): PlainResponse {
  const body = textBody(text);
  return { kind: "response", status, fields: new Fields(flat), body };
}

Deno.test("serveHttp2() gives the handler the request of HTTP/1.1 and the browser the response of HTTP/2", async () => {
  let seen: ProxyRequest | undefined;
  const handler: Handler = (request, { inform }) => {
    seen = request;
    inform(103, new Fields(["Link", "</a.css>"]));
    return Promise.resolve(
      answer(200, [
        ...["Content-Type", "text/plain", "Set-Cookie", "a=1"],
        ...["Set-Cookie", "b=2", "Keep-Alive", "timeout=5"],
      ], "hello"),
    );
  };

  await withBrowser(handler, async (browser) => {
    const interim: string[][] = [];
    const stream = await browser.request(
      [...GET, "cookie", "x=1", "te", "trailers", "cookie", "y=2"],
      { endStream: true },
    );
    stream.interimTarget = { onInterim: (fields) => interim.push(fields) };
    const { fields } = await stream.response;
    const text = await textOf(stream);

    assert.deepEqual(interim, [[":status", "103", "link", "</a.css>"]]);
    assert.deepEqual(fields, [
      ...[":status", "200", "content-type", "text/plain"],
      ...["set-cookie", "a=1", "set-cookie", "b=2"],
    ]);
    assert.equal(text, "hello");
  });

  assert.ok(seen?.kind === "request");
  assert.equal(seen.method, "GET");
  assert.equal(seen.scheme, "https");
  assert.equal(seen.authority, "shop.test");
  assert.equal(seen.path, "/a?b=c");
  assert.equal(seen.body, undefined);
  assert.deepEqual([...seen.fields], [
    ["cookie", "x=1; y=2"],
    ["host", "shop.test"],
  ]);
});

Deno.test("serveHttp2() carries content and trailers both ways", async () => {
  const handler: Handler = async (request) => {
    assert.ok(request.kind === "request" && request.body !== undefined);
    const { body } = request;
    const content = await new ByteScanner(body).readAll();
    const fields = new Fields([
      ...["Got", String(body.length)],
      ...["Sum", body.trailers?.get("sum") ?? ""],
    ]);
    const back = bytesBody(content);
    const trailers = new Fields(["Sum", "two"]);
    return {
      kind: "response",
      status: 200,
      fields,
      body: {
        length: undefined,
        trailers,
        read: (into) => back.read(into),
        cancel: () => {},
      },
    };
  };

  await withBrowser(handler, async (browser) => {
    const content = crypto.getRandomValues(new Uint8Array(50_000));
    const stream = await browser.request([
      ...[":method", "POST", ":scheme", "https", ":authority", "shop.test"],
      ...[":path", "/", "content-length", "50000"],
    ]);
    for (let rest = content; rest.length > 0;) {
      rest = rest.subarray(await stream.write(rest));
    }
    await stream.sendTrailers(["sum", "one"]);
    const { fields } = await stream.response;
    const got = await new ByteScanner(stream).readAll();

    assert.deepEqual(fields, [":status", "200", "got", "50000", "sum", "one"]);
    assert.deepEqual(got, content);
    assert.deepEqual(stream.trailers, ["sum", "two"]);
  });
});

Deno.test("serveHttp2() aborts the exchange of a stream that the browser resets", async () => {
  const aborted = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const handler: Handler = (_request, { signal }) => {
    signal.addEventListener("abort", () => aborted.resolve());
    began.resolve();
    return aborted.promise.then(() => answer(200, []));
  };

  await withBrowser(handler, async (browser) => {
    const stream = await browser.request(GET, { endStream: true });
    stream.response.catch(() => {});
    await began.promise;
    stream.close();
    await aborted.promise;
  });
});

const CONNECT = [
  ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "https"],
  ...[":authority", "shop.test", ":path", "/ws"],
  ...["sec-websocket-version", "13"],
];

/** A site that takes every WebSocket and echoes its bytes, with the proof of RFC 6455 §4.2.2. */
const site: Handler = (request) => {
  assert.ok(request.kind === "upgrade");
  assert.equal(request.protocol, "websocket");
  const key = request.fields.get("sec-websocket-key") ?? "";
  assert.equal(atob(key).length, 16);
  const proof = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const [stream, back] = streamPair();
  const echo = async () => {
    const into = new Uint8Array(100);
    for (let n = await back.read(into); n !== null; n = await back.read(into)) {
      await back.write(into.subarray(0, n));
    }
    await back.closeWrite();
  };
  // When it is disposed of, that is all that is to be seen here.
  void echo().catch(() => {});
  return Promise.resolve({
    kind: "stream",
    status: 101,
    fields: new Fields([
      ...["Sec-WebSocket-Accept", proof, "Sec-WebSocket-Protocol", "chat"],
    ]),
    stream,
  });
};

Deno.test("a WebSocket over HTTP/2 gets a key for the site and needs no proof", async () => {
  await withBrowser(websocketHandshake(site), async (browser) => {
    const stream = await browser.request(CONNECT);
    const { fields } = await stream.response;
    await stream.write(new TextEncoder().encode("hello"));
    await stream.closeWrite();

    assert.deepEqual(fields, [
      ...[":status", "200", "sec-websocket-protocol", "chat"],
    ]);
    assert.equal(await textOf(stream), "hello");
  });
});

Deno.test("a WebSocket over HTTP/2 is refused when the site has not understood", async () => {
  const unproven: Handler = async (request, context) => {
    const response = await site(request, context);
    response.fields.set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return response;
  };
  const ordinary: Handler = () => Promise.resolve(answer(200, [], "a page"));

  for (const handler of [unproven, ordinary]) {
    const failures: unknown[] = [];
    const caught: Handler = (request, context) =>
      websocketHandshake(handler)(request, context).catch((cause) => {
        failures.push(cause);
        return answer(502, []);
      });
    await withBrowser(caught, async (browser) => {
      const stream = await browser.request(CONNECT);
      const { fields } = await stream.response;
      await textOf(stream);

      assert.equal(fields[1], "502");
    });
    const [failure] = failures;
    assert.ok(failure instanceof ProxyError);
    assert.equal(failure.code, "upgradeDeclined");
  }
});

Deno.test("a site's refusal of a WebSocket passes over HTTP/2", async () => {
  const refusing: Handler = () => Promise.resolve(answer(403, [], "not you"));

  await withBrowser(websocketHandshake(refusing), async (browser) => {
    const stream = await browser.request(CONNECT);
    const { fields } = await stream.response;

    assert.equal(fields[1], "403");
    assert.equal(await textOf(stream), "not you");
  });
});

const META = {
  ":method": "GET",
  ":scheme": "https",
  ":authority": "shop.test",
  ":path": "/",
};
const EXTENDED = { ...META, ":method": "CONNECT", ":protocol": "websocket" };

/** `meta` as a field list; what is `undefined` is left out. */
function listOf(
  meta: Readonly<Record<string, string | undefined>>,
  ...more: string[]
): string[] {
  return [
    ...Object.entries(meta).flatMap(([name, value]) =>
      value === undefined ? [] : [name, value]
    ),
    ...more,
  ];
}

/** Each differs in one thing from a request that is served. */
const REFUSED: readonly {
  readonly what: string;
  readonly good: string[];
  readonly bad: string[];
  readonly status?: string;
  readonly reason: string;
}[] = [
  ...["h2c", "websocket, h2c", "WebSocket", "connect-udp", ""].map((
    protocol,
  ) => ({
    what: `"${protocol}" as :protocol`,
    good: listOf(EXTENDED),
    bad: listOf({ ...EXTENDED, ":protocol": protocol }),
    status: "501",
    reason: "its protocol is not websocket",
  })),
  {
    what: "a fragment in :path",
    good: listOf({ ...META, ":path": "/a?b" }),
    bad: listOf({ ...META, ":path": "/a#b" }),
    reason: "the target has a fragment",
  },
  ...[" ", "\t", "\xe4"].map((other) => ({
    what: `${JSON.stringify(other)} in :path`,
    good: listOf({ ...META, ":path": "/a!~b" }),
    bad: listOf({ ...META, ":path": `/a${other}b` }),
    reason: "the path has a character that is not allowed there",
  })),
  ...["", "G T", "G(T", "G\xe4T"].map((method) => ({
    what: `"${method}" as :method`,
    good: listOf({ ...META, ":method": "M-SEARCH" }),
    bad: listOf({ ...META, ":method": method }),
    reason: "the method is not a token",
  })),
  ...["", "u:p@shop.test", "shop.test:x", "shop.test/a", "shop test"].map((
    authority,
  ) => ({
    what: `"${authority}" as :authority`,
    good: listOf({ ...META, ":authority": "[::1]:8080" }),
    bad: listOf({ ...META, ":authority": authority }),
    reason: "the authority is not host or host:port",
  })),
  {
    what: "neither :authority nor Host",
    good: listOf({ ...META, ":authority": undefined }, "host", "shop.test"),
    bad: listOf({ ...META, ":authority": undefined }),
    reason: "the authority is not host or host:port",
  },
  {
    what: "two Hosts without :authority",
    good: listOf({ ...META, ":authority": undefined }, "host", "shop.test"),
    bad: listOf(
      { ...META, ":authority": undefined },
      ...["host", "shop.test", "host", "evil.test"],
    ),
    reason: "it has more than one Host",
  },
  {
    what: "two Hosts beside :authority",
    good: listOf(META, "host", "shop.test"),
    bad: listOf(META, "host", "shop.test", "host", "evil.test"),
    reason: "it has more than one Host",
  },
  {
    what: "another scheme",
    good: listOf({ ...META, ":scheme": "http" }),
    bad: listOf({ ...META, ":scheme": "ftp" }),
    reason: "the scheme is neither http nor https",
  },
  {
    what: "CONNECT without a port",
    good: [":method", "CONNECT", ":authority", "shop.test:443"],
    bad: [":method", "CONNECT", ":authority", "shop.test"],
    reason: "the target of CONNECT is not host:port",
  },
];

for (const { what, good, bad, status = "400", reason } of REFUSED) {
  Deno.test(`serveHttp2() refuses ${what}, and serves what follows`, async () => {
    let served = 0;
    const handler: Handler = () => {
      served++;
      return Promise.resolve(answer(404, [], "seen"));
    };

    await withBrowser(handler, async (browser) => {
      const accepted = await browser.request(good, { endStream: true });
      assert.equal((await accepted.response).fields[1], "404");
      const refused = await browser.request(bad, { endStream: true });
      assert.equal((await refused.response).fields[1], status);
      assert.equal(
        await textOf(refused),
        `Cannot read the message: ${reason}\n`,
      );
      const next = await browser.request(good, { endStream: true });
      assert.equal((await next.response).fields[1], "404");
    });

    assert.equal(served, 2);
  });
}

/** Asks with content after a 100, and gives the status of each interim response. */
async function interimOf(
  handler: Handler,
  ...fields: string[]
): Promise<readonly (string | undefined)[]> {
  const interim: (string | undefined)[] = [];
  await withBrowser(handler, async (browser) => {
    const stream = await browser.request(
      listOf({ ...META, ":method": "POST" }, ...fields),
    );
    stream.interimTarget = { onInterim: (list) => interim.push(list[1]) };
    await writeAll(stream, bytesOf("abc"));
    await stream.closeWrite();
    const { fields: got } = await stream.response;
    assert.equal(got[1], "200");
    assert.equal(await textOf(stream), "abc");
  });
  return interim;
}

/** A site that says 100 itself, reads the content and sends it back. */
const continuing: Handler = async (request, { inform }) => {
  assert.ok(request.kind === "request" && request.body !== undefined);
  inform(100, new Fields());
  const content = await new ByteScanner(request.body).readAll();
  inform(100, new Fields());
  return {
    kind: "response",
    status: 200,
    fields: new Fields(),
    body: bytesBody(content),
  };
};

Deno.test("serveHttp2() sends one 100 to a browser that waits for it, and none to others", async () => {
  assert.deepEqual(await interimOf(continuing, "expect", "100-continue"), [
    "100",
  ]);
  assert.deepEqual(await interimOf(continuing), []);
});

Deno.test("serveHttp2() passes on as many interim responses as HTTP/1.1 does", async () => {
  const chatty: Handler = (request, context) => {
    for (let count = 0; count < 100; count++) context.inform(103, new Fields());
    return continuing(request, context);
  };

  const interim = await interimOf(chatty);

  assert.equal(interim.length, 64);
});

Deno.test("serveHttp2() refuses a HEAD without content", async () => {
  const handler: Handler = () => assert.fail("It is refused");

  await withBrowser(handler, async (browser) => {
    const stream = await browser.request(
      listOf({ ...META, ":method": "HEAD", ":path": "/a#b" }),
      { endStream: true },
    );
    const { fields, endStream } = await stream.response;

    assert.equal(fields[1], "400");
    assert.equal(endStream, true);
  });
});
