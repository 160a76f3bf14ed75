/**
 * Tunnels inside WebSocket messages, for networks that pass nothing else.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Balancer, startBalancer } from "../testing/balancer.ts";
import { BrowserConnection, get } from "../testing/browser.ts";
import { recordLog } from "../testing/event_log.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  digestReader,
  patternBytes,
  patternDigest,
} from "../testing/pattern.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";
import { CREDENTIALS } from "../testing/user.ts";

/** Many messages, the last one not full. */
const SIZE = 2_000_003;

Deno.test("a WebSocket carries large content both ways at once", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    client: { tunnelTransport: "websocket", tunnelConnections: 1 },
  });

  const download = async () => {
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    const answer = await browser.exchange("GET", `/bytes/${SIZE}`);
    assert.deepEqual(await digestReader(answer.content), patternDigest(SIZE));
  };
  const upload = async () => {
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    const content = patternBytes(SIZE);
    const answer = await browser.exchange("POST", "/digest", { content });
    assert.deepEqual(JSON.parse(await answer.text()), patternDigest(SIZE));
  };
  await Promise.all([download(), upload(), download(), upload()]);
});

Deno.test({
  ...needs("envoy"),
  name:
    "behind a proxy that passes no other Upgrade, a client takes a WebSocket by itself",
  async fn() {
    await using log = await recordLog();
    await using origin = await startOrigin();
    await using server = await startTestServer({
      ...{ trustedProxies: ["127.0.0.1"], proxyProtocol: "accept" },
      ...{ plainHttp: true, tunnelAddress: undefined },
    });
    await using balancer: Balancer = await startBalancer("envoy", {
      site: Number(new URL(server.url).port),
      proxy: server.proxyAddress.port,
    }, "- upgrade_type: sallyport\n");

    await using _client = await startTestClient(server, {
      server: balancer.url,
      caCerts: [balancer.ca],
    });

    const { status } = await get(`${origin.url}/bytes/100`, {
      port: balancer.proxyPort,
      credentials: CREDENTIALS,
    });
    assert.equal(status, 200);
    const [line, ...more] = log.matching("transport of the tunnel");
    assert.equal(line?.fields["transport"], "websocket");
    assert.match(String(line?.fields["reason"]), /status 403/);
    assert.equal(more.length, 0);
  },
});
