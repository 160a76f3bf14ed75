/** @module */
import assert from "node:assert/strict";
import {
  serveApp,
  type ServedApp,
  type WebApp,
} from "../../../src/api/serving/serve.ts";
import { AddressRanges } from "../../../src/net/address/address_ranges.ts";
import { ConnectionLimits } from "../../../src/net/listen/connection_limits.ts";
import type { TrustedProxies } from "../../../src/net/listen/trusted_proxies.ts";
import { RawClient } from "../../testing/raw_client.ts";
import { headerV2 } from "../../net/listen/proxy_headers.ts";

const PROXY = new AddressRanges(["127.0.0.1"]);
const OTHERS = new AddressRanges(["192.0.2.0/24"]);
const FORGED = [
  ...["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"],
  ...["X-Forwarded-Host: evil.example", "X-Real-IP: 203.0.113.9"],
  "Forwarded: for=203.0.113.9;proto=https;host=evil.example",
] as const;

/** Says what it sees of a request. */
const MIRROR: WebApp = {
  fetch({ url, headers }, { remoteAddress }) {
    const names = [...headers.keys()].filter((name) =>
      /forwarded|real-ip/.test(name)
    );
    const seen = [url, remoteAddress, headers.get("host"), ...names];
    const text = `${seen.join(" ")}\n`;
    const length = { "Content-Length": `${text.length}` };
    return new Response(text, { headers: length });
  },
};

function serve(trusted?: TrustedProxies): ServedApp {
  return serveApp(MIRROR, { hostname: "127.0.0.1", port: 0 }, {
    limits: new ConnectionLimits({ trusted }),
  });
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly fields?: readonly string[];
  /** Sent before the request. */
  readonly before?: Uint8Array;
}

/** The response to one request for `lab.example`, as text. */
async function ask(
  { port }: ServedApp,
  { method = "GET", path = "/a?b", fields = [], before }: Asked = {},
): Promise<string> {
  using client = await RawClient.connect({ port });
  if (before !== undefined) await client.send(before);
  const lines = [
    ...[`${method} ${path} HTTP/1.1`, "Host: lab.example"],
    ...[...fields, "Connection: close", "", ""],
  ];
  await client.send(lines.join("\r\n"));
  return await client.readAll();
}

Deno.test("requests through a trusted proxy have the client's address, scheme and host", async () => {
  await using served = serve({ addresses: PROXY });

  const text = await ask(served, {
    fields: [
      ...["X-Forwarded-For: 203.0.113.9, 192.0.2.7"],
      ...["X-Forwarded-Proto: https", "X-Forwarded-Host: lab.test:8443"],
    ],
  });

  assert.match(
    text,
    /\r\n\r\nhttps:\/\/lab\.test:8443\/a\?b 192\.0\.2\.7 lab\.test:8443\n$/,
  );
});

Deno.test("one connection has requests of several clients", async () => {
  await using served = serve({ addresses: PROXY });
  using client = await RawClient.connect({ port: served.port });

  for (const last of [7, 8]) {
    await client.send(
      "GET / HTTP/1.1\r\nHost: lab.example\r\n" +
        `X-Forwarded-For: 192.0.2.${last}\r\n\r\n`,
    );
    await client.readHead();
    assert.match(
      await client.readThrough("\n"),
      new RegExp(` 192\\.0\\.2\\.${last} `),
    );
  }
});

Deno.test("of anybody else, all that says who has forwarded a request is removed", async () => {
  await using served = serve({ addresses: OTHERS });

  const text = await ask(served, { fields: FORGED });

  assert.match(
    text,
    /\r\n\r\nhttp:\/\/lab\.example\/a\?b 127\.0\.0\.1 lab\.example\n$/,
  );
});

Deno.test("the client of a PROXY header is not believed about others", async () => {
  await using served = serve({ addresses: PROXY, proxyProtocol: "require" });

  const text = await ask(served, { before: headerV2(), fields: FORGED });

  assert.match(
    text,
    /http:\/\/lab\.example\/a\?b 192\.0\.2\.7 lab\.example\n$/,
  );
});

Deno.test("Forwarded counts alone where the proxies write it", async () => {
  await using served = serve({
    addresses: PROXY,
    forwardingFields: "forwarded",
  });

  const text = await ask(served, {
    fields: [
      ...["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil.example"],
      "Forwarded: for=203.0.113.8, for=192.0.2.7;proto=https",
    ],
  });

  assert.match(
    text,
    /https:\/\/lab\.example\/a\?b 192\.0\.2\.7 lab\.example\n/,
  );
});

Deno.test("what a client has sent to the proxy without TLS is sent to https, or refused", async () => {
  await using served = serve({ addresses: PROXY });
  const fields = ["X-Forwarded-Proto: http", "X-Forwarded-For: 192.0.2.7"];

  const read = await ask(served, { fields });
  const write = await ask(served, { fields, method: "POST" });
  const health = await ask(served, { fields, path: "/healthz" });

  assert.match(
    read,
    /^HTTP\/1\.1 308 .*\r\nLocation: https:\/\/lab\.example\/a\?b\r\n/is,
  );
  assert.match(write, /^HTTP\/1\.1 403 .*use https/is);
  assert.match(health, /^HTTP\/1\.1 200 /);
});

Deno.test("where proxies end TLS, every request is one over https", async () => {
  await using served = serve({ addresses: PROXY, endTls: true });

  assert.match(await ask(served), /\r\n\r\nhttps:\/\/lab\.example\/a\?b /);
});

Deno.test("where proxies end TLS, others get nothing but health", async () => {
  await using served = serve({ addresses: OTHERS, endTls: true });

  assert.match(await ask(served), /^HTTP\/1\.1 403 .*trusted proxies only/s);
  assert.match(await ask(served, { fields: FORGED }), /^HTTP\/1\.1 403 /);
  assert.match(await ask(served, { path: "/readyz" }), /^HTTP\/1\.1 200 /);
});

Deno.test("where proxies end TLS, the client of a PROXY header is served", async () => {
  await using served = serve({
    ...{ addresses: PROXY, endTls: true, proxyProtocol: "require" },
  });

  const text = await ask(served, { before: headerV2() });

  assert.match(text, /https:\/\/lab\.example\/a\?b 192\.0\.2\.7 /);
});
