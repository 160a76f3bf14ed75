import assert from "node:assert/strict";
import { tableResolver } from "../../src/net/names/resolver.ts";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { connectTo, get, type Page } from "../testing/browser.ts";
import { startClientProgram, startServerProgram } from "./programs.ts";

/** Names that lead to places the owner of the client did not mean. */
const resolve = tableResolver({
  "alias.test": ["127.0.0.1"],
  "alias-six.test": ["::1"],
  "any.test": ["0.0.0.0"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "second.test": ["192.0.2.1", "127.0.0.1"],
  "link-local.test": ["169.254.10.10"],
  "metadata.test": ["169.254.169.254"],
  "metadata-six.test": ["fd00:0ec2:0000::254"],
});

const LOCALHOST = [
  "localhost",
  "LocalHost",
  "localhost.",
  "a.localhost",
  "127.0.0.1",
  "127.9.9.9",
  "0.0.0.0",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "alias.test",
  "ALIAS.test",
  "alias-six.test",
  "any.test",
  "mapped.test",
  "second.test",
];

/** Numbers that only the resolvers of some systems take for addresses. */
const NUMBERS = ["127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "0"];

const OFF_LIMITS = [
  "169.254.169.254",
  "169.254.0.1",
  "[fe80::1]",
  "[::ffff:169.254.169.254]",
  "[fd00:ec2::254]",
  "[FD00:0EC2::0254]",
  "[fd00:ec2::23]",
  "[fd20:ce::254]",
  "[fd00:c1::a9fe:a9fe]",
  "[fd00:42::42]",
  "168.63.129.16",
  "100.100.100.200",
  "link-local.test",
  "metadata.test",
  "metadata-six.test",
];

/** Asks for a host in both ways in which a browser can. */
function ask(
  system: RunningSystem,
  authority: string,
): Promise<readonly Page[]> {
  const { proxy } = system;
  return Promise.all([
    get(`http://${authority}/`, proxy),
    connectTo(authority, proxy),
  ]);
}

Deno.test("the client's own machine is out of reach, however it is spelt", async (t) => {
  await using system = await runningSystem({
    client: { proxyLocalhost: "deny", resolve },
  });
  await using origin = await startOrigin();

  for (const host of LOCALHOST) {
    await t.step(host, async () => {
      for (const page of await ask(system, `${host}:${origin.port}`)) {
        assert.equal(page.status, 403, page.text);
        assert.match(
          page.error ?? "",
          /^denied_localhost Proxying is denied to host/,
        );
        assert.match(
          page.text,
          /^sallyport client: .* start the client with --proxy-localhost allow to reach it\n/,
        );
      }
    });
  }
  assert.equal(origin.connections, 0);
});

Deno.test("the client's own machine is out of reach by numbers that the system takes for addresses", async () => {
  await using server = await startServerProgram();
  await using _client = await startClientProgram(server, {
    args: ["--proxy-localhost=deny"],
  });
  await using origin = await startOrigin();
  const { proxy } = server;

  for (const host of NUMBERS) {
    const page = await get(`http://${host}:${origin.port}/`, proxy);
    // Either the system knows it and it is denied, or the host is unknown.
    assert.match(page.error ?? "", /^(denied_localhost|name_not_found) /, host);
  }
  assert.equal(origin.connections, 0);
});

Deno.test.each(["allow", "direct"] as const)(
  "--proxy-localhost %s opens the client's own machine",
  async (proxyLocalhost) => {
    await using system = await runningSystem({
      client: { proxyLocalhost, resolve },
    });
    await using origin = await startOrigin();

    for (const host of ["localhost", "127.0.0.1", "alias.test"]) {
      const pages = await ask(system, `${host}:${origin.port}`);
      assert.deepEqual(pages.map(({ status }) => status), [200, 200], host);
    }
  },
);

Deno.test("link-local and metadata addresses are out of reach, whatever is allowed", async (t) => {
  await using system = await runningSystem({
    client: { proxyLocalhost: "allow", resolve },
  });

  for (const host of OFF_LIMITS) {
    await t.step(host, async () => {
      for (const page of await ask(system, `${host}:80`)) {
        assert.equal(page.status, 403, page.text);
        assert.match(page.error ?? "", /^denied_address /);
        assert.match(page.text, /it is a link-local or cloud metadata address/);
        assert.match(page.text, /--allow-private-metadata to reach it$/m);
      }
    });
  }
});

Deno.test("--allow-private-metadata opens link-local and metadata addresses, and not the client's own machine", async (t) => {
  // Nothing listens at such an address here: the proxy says where it was led.
  await using upstream = startSite((exchange) =>
    exchange.answer(200, { body: exchange.target })
  );
  await using system = await runningSystem({
    client: {
      proxyLocalhost: "deny",
      allowPrivateMetadata: true,
      upstreamProxy: parseUpstreamProxy(`127.0.0.1:${upstream.port}`),
    },
  });

  for (const host of ["169.254.169.254", "[fe80::1]", "100.100.100.200"]) {
    await t.step(host, async () => {
      const [page, tunnel] = await ask(system, `${host}:80`);
      assert.equal(page?.text, `http://${host}:80/`);
      assert.equal(tunnel?.status, 200);
    });
  }
  for (const page of await ask(system, "127.0.0.1:80")) {
    assert.match(page.error ?? "", /^denied_localhost /);
  }
});
