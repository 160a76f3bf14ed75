/**
 * Promise: sites behind decrypted TLS are spoken to in HTTP/2 when they choose
 * it, with trailers and streams in both directions at once, as gRPC needs.
 */
import assert from "node:assert/strict";
import { sleep } from "../../src/async/timer.ts";
import type {
  Http2ClientStream,
  Http2ServerStream,
} from "../../src/http2/api.ts";
import { ErrorCode } from "../../src/http2/errors.ts";
import { pipe } from "../../src/net/stream/pipe.ts";
import {
  ByteScanner,
  bytesOf,
  textOf,
  writeAll,
} from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import {
  HTTP2_HOST,
  type Http2Site,
  startHttp2Site,
} from "../testing/http2_site.ts";
import { openHttp1Browser, openHttp2Browser } from "../testing/intercepted.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { echoWebSocket } from "../testing/websocket_echo.ts";

async function openingSystem(
  site: Http2Site,
  { client = {} }: SystemOptions = {},
): Promise<RunningSystem> {
  return await runningSystem({
    client: { tlsResignDomains: ["all"], ...client },
    trusted: [site.ca],
  });
}

function authorityOf({ port }: Http2Site): string {
  return `${HTTP2_HOST}:${port}`;
}

function fieldsOf(
  site: Http2Site,
  { method = "GET", path = "/", fields = [] }: {
    readonly method?: string;
    readonly path?: string;
    readonly fields?: readonly string[];
  } = {},
): string[] {
  return [
    ...[":method", method, ":scheme", "https"],
    ...[":authority", authorityOf(site), ":path", path, ...fields],
  ];
}

async function textFrom(
  stream: Http2ClientStream | Http2ServerStream,
): Promise<string> {
  return textOf(await new ByteScanner(stream).readAll());
}

function valueOf(list: readonly string[], name: string): string | undefined {
  const at = list.indexOf(name);
  return at % 2 === 0 ? list[at + 1] : undefined;
}

/** Responds with what it got, piece by piece, and with its trailers. */
async function echo(stream: Http2ServerStream): Promise<void> {
  await stream.respond([":status", "200", "x-got", stream.fields.join(" ")]);
  const into = new Uint8Array(10_000);
  for (
    let count = await stream.read(into);
    count !== null;
    count = await stream.read(into)
  ) {
    await writeAll(stream, into.slice(0, count));
  }
  await stream.sendTrailers(["x-end", (stream.trailers ?? []).join(" ")]);
}

Deno.test("content goes back and forth on one stream, and trailers follow both ways", async () => {
  await using site = await startHttp2Site(echo);
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));

  const stream = await browser.request(
    fieldsOf(site, {
      method: "POST",
      path: "/a?b=c",
      fields: ["te", "trailers", "cookie", "x=1", "cookie", "y=2"],
    }),
  );
  const { fields } = await within(stream.response, "the response");
  const scanner = new ByteScanner(stream);
  const got: string[] = [];
  for (const piece of ["one", "two", "three"]) {
    await writeAll(stream, bytesOf(piece));
    got.push(
      textOf(await within(scanner.readExactly(piece.length), "the echo")),
    );
  }
  await stream.sendTrailers(["x-sum", "3"]);
  const rest = await within(scanner.readAll(), "the end");

  assert.deepEqual(got, ["one", "two", "three"]);
  assert.equal(rest.length, 0);
  assert.deepEqual(stream.trailers, ["x-end", "x-sum 3"]);
  assert.equal(fields[1], "200");
  const seen = valueOf(fields, "x-got") ?? "";
  assert.match(
    seen,
    new RegExp(
      `^:method POST :scheme https :authority ${
        authorityOf(site)
      } :path /a\\?b=c `,
    ),
  );
  assert.match(seen, / cookie x=1; y=2 /);
  assert.match(seen, / te trailers$/);
  assert.doesNotMatch(seen, / host | content-length /);
  assert.deepEqual(site.protocols, ["h2"]);
});

Deno.test("many requests share one connection, whatever the browser speaks", async () => {
  await using site = await startHttp2Site(async (stream) => {
    await stream.respond([":status", "200", "trailer", "x-end"]);
    await writeAll(stream, bytesOf(valueOf(stream.fields, ":path") ?? ""));
    await stream.sendTrailers(["x-end", "yes"]);
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));
  using old = await openHttp1Browser(system, authorityOf(site));

  const first = await browser.request(fieldsOf(site), { endStream: true });
  assert.equal(await within(textFrom(first), "the first"), "/");
  const texts = await within(
    Promise.all(Array.from({ length: 60 }, async (_, at) => {
      const stream = await browser.request(
        fieldsOf(site, { path: `/${at}` }),
        { endStream: true },
      );
      return await textFrom(stream);
    })),
    "all others",
  );
  await old.send(
    `GET /old HTTP/1.1\r\nHost: ${
      authorityOf(site)
    }\r\nConnection: close\r\n\r\n`,
  );
  const answer = await within(old.readAll(), "the answer in HTTP/1.1");

  assert.deepEqual(texts, texts.map((_, at) => `/${at}`));
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /\r\n4\r\n\/old\r\n0\r\nx-end: yes\r\n\r\n$/);
  assert.deepEqual(site.protocols, ["h2"]);
});

Deno.test("uploads have their length, and responses without content none", async () => {
  await using site = await startHttp2Site(async (stream) => {
    const content = await textFrom(stream);
    await stream.respond([
      ...[":status", "200", "x-content", content],
      ...["x-length", valueOf(stream.fields, "content-length") ?? "none"],
      ...["content-length", "99"],
    ], { endStream: true });
  });
  await using system = await openingSystem(site);
  using browser = await openHttp1Browser(system, authorityOf(site));

  for (
    const [head, length, content] of [
      ["HEAD / HTTP/1.1\r\n\r\n", "none", ""],
      ["HEAD / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "3", "abc"],
      [
        "HEAD / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "none",
        "abc",
      ],
    ] as const
  ) {
    await browser.send(
      head.replace("\r\n", `\r\nHost: ${authorityOf(site)}\r\n`),
    );
    const answer = await within(browser.readHead(), "the response");

    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, new RegExp(`\r\nx-length: ${length}\r\n`));
    assert.match(answer, new RegExp(`\r\nx-content: ${content}\r\n`));
    assert.match(answer, /\r\ncontent-length: 99\r\n/i);
  }
});

for (
  const [what, protocols, chosen] of [
    ["chooses HTTP/1.1", ["http/1.1"], "http/1.1"],
    ["chooses nothing", [], null],
  ] as const
) {
  Deno.test(`a site that ${what} is spoken to in HTTP/1.1`, async () => {
    await using site = await startHttp2Site(echo, {
      protocols: [...protocols],
    });
    await using system = await openingSystem(site);
    await using browser = await openHttp2Browser(system, authorityOf(site));

    for (let at = 0; at < 2; at++) {
      const stream = await browser.request(fieldsOf(site), { endStream: true });
      assert.equal(await within(textFrom(stream), "the response"), "one");
    }

    assert.deepEqual(site.protocols, [chosen]);
  });
}

Deno.test("a site that requires HTTP/1.1 gets the request again in HTTP/1.1, and so all others", async () => {
  await using site = await startHttp2Site((stream) => {
    stream.reset(ErrorCode.HTTP_1_1_REQUIRED);
    return Promise.resolve();
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));

  for (let at = 0; at < 2; at++) {
    const stream = await browser.request(fieldsOf(site), { endStream: true });
    assert.equal(await within(textFrom(stream), "the response"), "one");
  }

  assert.deepEqual(site.protocols, ["h2", "http/1.1"]);
});

Deno.test("what a site has refused or has not processed is sent again on another connection", async () => {
  let refused = 0;
  await using site = await startHttp2Site(async (stream, connection) => {
    if (connection === site.connections[0]) {
      refused++;
      return stream.reset(ErrorCode.REFUSED_STREAM);
    }
    if (connection === site.connections[1]) void connection.drain();
    await stream.respond([":status", "204"], { endStream: true });
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));

  for (let at = 0; at < 3; at++) {
    const stream = await browser.request(
      fieldsOf(site, { method: "POST" }),
      { endStream: true },
    );
    const { fields } = await within(stream.response, "the response");
    assert.equal(fields[1], "204");
  }

  assert.equal(refused, 1);
  assert.deepEqual(site.protocols, ["h2", "h2", "h2"]);
});

Deno.test("a stream that one end gives up is given up by the other end", async () => {
  const gone = Promise.withResolvers<void>();
  await using site = await startHttp2Site(async (stream) => {
    await stream.respond([":status", "200"]);
    await writeAll(stream, bytesOf("some"));
    if (valueOf(stream.fields, ":path") === "/reset") {
      return stream.reset(ErrorCode.INTERNAL_ERROR);
    }
    stream.signal.addEventListener("abort", () => gone.resolve());
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));

  const kept = await browser.request(fieldsOf(site), { endStream: true });
  await within(new ByteScanner(kept).readExactly(4), "the content");
  kept.close();
  await within(gone.promise, "the site to notice");
  const cut = await browser.request(fieldsOf(site, { path: "/reset" }), {
    endStream: true,
  });

  await assert.rejects(within(textFrom(cut), "the end"), {
    name: "Http2Error",
  });
});

Deno.test("failures of a site over HTTP/2 have the error pages of HTTP/1.1", async () => {
  await using site = await startHttp2Site((stream) => {
    switch (valueOf(stream.fields, ":path")) {
      case "/silent":
        break;
      case "/reset":
        stream.reset(ErrorCode.INTERNAL_ERROR);
        break;
      case "/cut":
        site.tcp.cut();
    }
    return Promise.resolve();
  }, { http2: { closeTimeout: 10 } });
  await using system = await openingSystem(site, {
    client: { dial: { responseHeaderTimeout: 300 } },
  });
  await using browser = await openHttp2Browser(system, authorityOf(site));

  for (
    const [path, status, reason] of [
      ["/silent", "504", /time/],
      ["/reset", "502", /net_read/],
      ["/cut", "502", /net_read/],
    ] as const
  ) {
    const stream = await browser.request(fieldsOf(site, { path }), {
      endStream: true,
    });
    const { fields } = await within(stream.response, path);

    assert.equal(fields[1], status, path);
    assert.match(valueOf(fields, "x-sallyport-error") ?? "", reason);
  }
});

Deno.test("the limit for the response ends with it, though the request ends later", async () => {
  await using site = await startHttp2Site(async (stream) => {
    await stream.respond([":status", "200"]);
    const content = await textFrom(stream);
    await sleep(200);
    await writeAll(stream, bytesOf(content));
    await stream.closeWrite();
  });
  await using system = await openingSystem(site, {
    client: { dial: { responseHeaderTimeout: 20 } },
  });
  await using browser = await openHttp2Browser(system, authorityOf(site));

  const stream = await browser.request(fieldsOf(site, { method: "POST" }));
  const { fields } = await within(stream.response, "the response");
  await writeAll(stream, bytesOf("hello"));
  await stream.closeWrite();

  assert.equal(fields[1], "200");
  assert.equal(await within(textFrom(stream), "the content"), "hello");
});

Deno.test("a request that is too large for the site is the browser's fault", async () => {
  await using site = await startHttp2Site(echo, {
    http2: { maxFieldSectionSize: 2_000 },
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));
  const ask = async (length: number) => {
    const stream = await browser.request(
      fieldsOf(site, { fields: ["x-a", "b".repeat(length)] }),
      { endStream: true },
    );
    const { fields } = await within(stream.response, "the response");
    return [fields[1], await textFrom(stream)] as const;
  };

  // The first request tells what the site accepts.
  assert.equal((await ask(10))[0], "200");
  const [status, text] = await ask(2_000);

  assert.equal(status, "400");
  assert.match(text, /Cannot send the fields: they have \d+ bytes/);
});

Deno.test("only verified sites are spoken to, unless the user has excluded them", async () => {
  await using site = await startHttp2Site(echo);
  for (const insecureDomains of [[], ["^shop\\.test$"]]) {
    await using system = await runningSystem({
      client: { tlsResignDomains: ["all"], insecureDomains },
    });
    await using browser = await openHttp2Browser(system, authorityOf(site));

    const stream = await browser.request(fieldsOf(site), { endStream: true });
    const { fields } = await within(stream.response, "the response");

    assert.equal(fields[1], insecureDomains.length === 0 ? "502" : "200");
  }
  assert.equal(site.connections.length, 1);
});

Deno.test("HTTP/2 goes through an upstream proxy in a CONNECT", async () => {
  await using site = await startHttp2Site(echo);
  const heads: string[] = [];
  await using proxy = new TcpServer(async (conn) => {
    const raw = RawClient.over(conn);
    heads.push(await raw.readHead());
    await raw.send("HTTP/1.1 200 OK\r\n\r\n");
    await pipe(
      conn,
      await Deno.connect({ hostname: "127.0.0.1", port: site.port }),
    );
  });
  await using system = await openingSystem(site, {
    client: {
      upstreamProxy: {
        protocol: "http",
        hostname: "127.0.0.1",
        port: proxy.port,
        credentials: undefined,
      },
    },
  });
  await using browser = await openHttp2Browser(system, authorityOf(site));

  for (let at = 0; at < 2; at++) {
    const stream = await browser.request(fieldsOf(site), { endStream: true });
    await within(textFrom(stream), "the response");
    assert.deepEqual(stream.trailers, ["x-end", ""]);
  }

  assert.equal(heads.length, 1);
  assert.match(heads[0] ?? "", new RegExp(`^CONNECT ${authorityOf(site)} `));
  assert.deepEqual(site.protocols, ["h2"]);
});

Deno.test("a WebSocket gets a connection of HTTP/1.1", async () => {
  await using site = await startHttp2Site(echo, { http1: echoWebSocket });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));

  const page = await browser.request(fieldsOf(site), { endStream: true });
  await within(textFrom(page), "the page");
  const socket = await browser.request([
    ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "https"],
    ...[":authority", authorityOf(site), ":path", "/ws"],
    ...["sec-websocket-version", "13"],
  ]);
  const { fields } = await within(socket.response, "the response");
  socket.close();

  assert.equal(fields[1], "200");
  assert.deepEqual(site.protocols, ["h2", "http/1.1"]);
});

Deno.test("an upload that the site does not want is not sent, and one that it wants is", async () => {
  await using site = await startHttp2Site(async (stream) => {
    if (valueOf(stream.fields, ":path") === "/refuse") {
      return await stream.respond([":status", "413"], { endStream: true });
    }
    await stream.inform([":status", "100"]);
    await echo(stream);
  });
  await using system = await openingSystem(site);
  await using browser = await openHttp2Browser(system, authorityOf(site));
  const ask = async (path: string) => {
    const interim: string[] = [];
    const stream = await browser.request(
      fieldsOf(site, {
        method: "PUT",
        path,
        fields: ["expect", "100-continue"],
      }),
    );
    const wanted = Promise.withResolvers<void>();
    stream.interimTarget = {
      onInterim(list) {
        interim.push(list[1] ?? "");
        wanted.resolve();
      },
    };
    const first = await within(
      Promise.race([wanted.promise, stream.response]),
      "the first answer",
    );
    if (first === undefined) {
      await writeAll(stream, bytesOf("hello"));
      await stream.closeWrite();
    }
    const { fields } = await within(stream.response, "the response");
    const text = await textFrom(stream);
    stream.close();
    return [interim, fields[1], text];
  };

  assert.deepEqual(await ask("/refuse"), [[], "413", ""]);
  assert.deepEqual(await ask("/want"), [["100"], "200", "hello"]);
});

Deno.test("a connection without requests is closed in time", async () => {
  await using site = await startHttp2Site(echo);
  await using system = await openingSystem(site, {
    client: { dial: { idleConnTimeout: 50 } },
  });
  await using browser = await openHttp2Browser(system, authorityOf(site));

  const stream = await browser.request(fieldsOf(site), { endStream: true });
  await within(textFrom(stream), "the response");
  const [connection] = site.connections;

  await within(connection?.done ?? Promise.reject(), "the connection to end");
});
