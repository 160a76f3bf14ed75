import assert from "node:assert/strict";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";

import type { ByteStream } from "../../src/net/stream/byte_stream.ts";
import { throttle } from "../../src/proxy/throttle.ts";
import type { Route } from "../../src/proxy/routes.ts";

const { signal } = new AbortController();

/** Takes all that is written, at once. */
const SINK: ByteStream = {
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close() {},
};

Deno.test("throttle() costs nothing without rates: the ways are the same", () => {
  const find = () => assert.fail("not asked");

  assert.equal(throttle(find, {}), find);
});

Deno.test("throttle() keeps connections to sites and to proxies to the rate", async () => {
  const connect = () => Promise.resolve(SINK);
  const way: Route = {
    key: "a",
    connect,
    viaProxy: {
      ...{ connect, authorization: "Basic YTpi", option: "--proxy" },
      proxy: parseUpstreamProxy("http://a:b@proxy.test:3128"),
    },
  };
  const find = throttle(() => [way], { write: 100_000 });

  const [limited] = await find(
    { hostname: "a.test", port: 80, secure: false },
    { id: "1", signal },
    "request",
  );

  assert.equal(limited?.key, "a");
  assert.equal(limited?.viaProxy?.authorization, "Basic YTpi");
  assert.equal(await firstWrite(await limited?.connect(signal)), 10_000);
  assert.equal(
    await firstWrite(await limited?.viaProxy?.connect(signal)),
    10_000,
  );
});

/** How much of a large write passes at once. */
async function firstWrite(stream: ByteStream | undefined): Promise<number> {
  const count = await stream?.write(new Uint8Array(25_000)) ?? 0;
  stream?.close();
  return count;
}
