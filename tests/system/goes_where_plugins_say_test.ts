/** Promise: a plugin decides for each request where its connection leads and through which proxy, within the rules of the client. */
import assert from "node:assert/strict";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { BrowserConnection, connectTo, get } from "../testing/browser.ts";
import { createTestAuthority } from "../testing/certs.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { startRotation } from "../testing/rotation.ts";
import type { TcpServer } from "../testing/tcp_server.ts";
import { startSocks } from "../testing/upstream.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

/** An HTTP proxy that answers itself, with its name and the target that it got. */
function startProxy(name: string): TcpServer {
  return startSite((exchange) =>
    exchange.answer(200, { body: `${name} ${exchange.target}` })
  );
}

for (const place of PLACES) {
  Deno.test(`connect: each host has its proxy, another host goes by --proxy, one goes directly (${place})`, async () => {
    await using site = startProxy("site");
    await using usual = startProxy("usual");
    await using other = startProxy("other");
    await using tunnel = await startPluginSystem({
      "route.js": `export default {
        connect({ hostname }) {
          if (hostname === "a.test") return { proxy: "http://127.0.0.1:${other.port}" };
          if (hostname === "b.test") return { proxy: "direct" };
        },
      };`,
    }, {
      place,
      client: {
        upstreamProxy: parseUpstreamProxy(`http://127.0.0.1:${usual.port}`),
      },
    });
    const textOf = async (host: string) =>
      (await tunnel.get(`http://${host}:${site.port}/x`)).text;

    assert.equal(await textOf("a.test"), `other http://a.test:${site.port}/x`);
    assert.equal(await textOf("b.test"), "site /x");
    assert.equal(await textOf("c.test"), `usual http://c.test:${site.port}/x`);
  });

  Deno.test(`connect: kept connections are shared only by requests for which the hook decides alike (${place})`, async () => {
    await using site = startProxy("site");
    await using proxy = startProxy("proxy");
    await using tunnel = await startPluginSystem({
      "split.js": `export default {
        connect({ kind }, { job, user, id, log }) {
          log.info("asked", { kind, job, user, id });
          if (job === "far") return { proxy: "http://127.0.0.1:${proxy.port}" };
          if (job === "moved") return { hostname: "127.0.0.1", port: ${proxy.port} };
        },
      };`,
    }, { place });
    using browser = await BrowserConnection.open(tunnel.proxy, {
      site,
      hostname: "a.test",
    });
    const textFor = async (job: string) => {
      const fields = [["X-Sallyport-Job", job]] as const;
      const answer = await browser.exchange("GET", "/x", { fields });
      return await answer.text();
    };

    for (let round = 0; round < 3; round++) {
      assert.equal(await textFor("near"), "site /x");
      assert.equal(
        await textFor("far"),
        `proxy http://a.test:${site.port}/x`,
      );
      assert.equal(await textFor("moved"), "proxy /x");
    }

    assert.equal(site.accepted, 1, "connections are kept");
    assert.equal(proxy.accepted, 2, "one as a proxy, one as a site");
    const asked = tunnel.log.matching("asked");
    assert.equal(asked.length, 9);
    assert.deepEqual(
      asked.slice(0, 2).map(({ fields: { kind, job, user } }) => [
        kind,
        job,
        user,
      ]),
      [["request", "near", "demo"], ["request", "far", "demo"]],
    );
    assert.match(String(asked[0]?.fields["id"]), /./);
  });

  Deno.test(`resolve: a list in another order leads to another machine, on kept connections too (${place})`, async () => {
    await using rotation = startRotation();
    await using tunnel = await startPluginSystem({
      "turns.js": `let turn = 0;
      export default {
        resolve(hostname) {
          if (hostname !== "pool.test") return;
          const all = ["127.0.0.1", "127.0.0.2"];
          turn += 1;
          return [all[turn % 2], all[(turn + 1) % 2]];
        },
      };`,
    }, { place });
    const url = `http://pool.test:${rotation.port}/`;
    using browser = await BrowserConnection.open(tunnel.proxy, {
      site: rotation,
      hostname: "pool.test",
    });

    const seen: string[] = [];
    for (let round = 0; round < 6; round++) {
      seen.push(await (await browser.exchange("GET", "/")).text());
    }
    await get(url, tunnel.proxy);

    assert.deepEqual(seen, [
      "127.0.0.2",
      "127.0.0.1",
      "127.0.0.2",
      "127.0.0.1",
      "127.0.0.2",
      "127.0.0.1",
    ]);
    assert.equal(rotation.accepted, 2, "one connection to each");
  });

  Deno.test(`a plugin that names no valid proxy fails the request, and no password is shown (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "route.js": `export default {
        connect: () => ({ proxy: "ftp://jane:s3cret@a.test:1" }),
      };`,
    }, { place });

    const page = await tunnel.get("http://a.test/");

    assert.equal(page.status, 502);
    assert.match(
      page.text,
      /hook "connect" of plugin "route": "proxy" is not valid, use "direct" or http\|/,
    );
    assert.doesNotMatch(page.text, /s3cret/);
    assert.doesNotMatch(JSON.stringify(tunnel.log.all), /s3cret/);
  });
}

Deno.test("connect: the hook runs once for a request, also when the certificate of the site is examined", async () => {
  const authority = await createTestAuthority();
  await using site = startSite((exchange) => exchange.answer(200), {
    tls: await authority.issue(["other.test"]),
  });
  await using tunnel = await startPluginSystem({
    "route.js": `export default {
      connect: (target, { log }) => log.info("asked", { ...target }),
      resolve: (hostname, { log }) => void log.info("resolved", { hostname }),
    };`,
  }, { client: { tlsResignDomains: ["."] } });
  const { server, proxyUrl, credentials } = tunnel.system;
  using client = Deno.createHttpClient({
    proxy: { url: proxyUrl, basicAuth: credentials },
    caCerts: [server.browserCa],
  });

  const page = await fetch(`https://a.test:${site.port}/`, { client });

  assert.match(await page.text(), /Cannot trust the certificate of "a\.test/);
  const asked = tunnel.log.matching("asked").map(({ fields }) => fields);
  assert.deepEqual(asked.map(({ kind, hostname }) => [kind, hostname]), [
    ["request", "a.test"],
  ]);
  assert.equal(tunnel.log.matching("resolved").length, 1);
});

Deno.test({
  ...needs("microsocks"),
  name:
    "connect: a SOCKS proxy with a login carries what is inside CONNECT, and its login is in no log",
  async fn() {
    await using socks = await startSocks({
      username: "jane",
      password: "s3:t",
    });
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "route.js": `export default {
        connect({ kind }, { log }) {
          log.info("asked", { kind });
          return {
            hostname: "127.0.0.1",
            proxy: "socks5://jane:s3%3At@127.0.0.1:${socks.port}",
          };
        },
      };`,
    }, {
      client: {
        apiAddress: { hostname: "127.0.0.1", port: 0 },
        inspector: {},
      },
    });

    using browser = await BrowserConnection.open(tunnel.proxy, {
      ...{ site, hostname: "a.invalid", way: "connect" },
    });
    const answer = await browser.exchange("GET", "/status/200");
    await answer.text();
    const page = await tunnel.get(`http://b.invalid:${site.port}/status/200`);

    assert.equal(answer.status, 200);
    assert.equal(page.status, 200);
    await socks.told(new RegExp(`connected to 127.0.0.1:${site.port}`));
    const kinds = tunnel.log.matching("asked").map(({ fields }) =>
      fields["kind"]
    );
    assert.deepEqual(kinds, ["tunnel", "request"]);
    const har = await (await fetch(
      `${tunnel.system.client.apiUrl}inspector/export.har`,
    )).text();
    assert.doesNotMatch(JSON.stringify(tunnel.log.all) + har, /s3(%3A|:)t/);
  },
});

Deno.test("connect: a proxy that does not work is blamed on the plugin that has chosen it", async () => {
  const gone = startProxy("gone");
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await using tunnel = await startPluginSystem({
    "route.js": `export default {
      connect: () => ({ proxy: "http://u:s3cret@127.0.0.1:${port}" }),
    };`,
  });

  const page = await tunnel.get("http://a.test/");

  assert.equal(page.status, 502);
  assert.equal(
    page.error,
    `upstream_dial Cannot reach "a.test": nothing listens at the upstream proxy ` +
      `"http://127.0.0.1:${port}": start it, or check plugin "route"`,
  );
});

/** What a plugin may try, and what the client says. */
const ATTEMPTS = [
  ["{ proxy: PROXY }", "denied.test", /^denied_domain /],
  ["{ hostname: 'denied.test' }", "a.invalid", /^denied_domain /],
  [
    "{ hostname: 'DENIED.test.', proxy: PROXY }",
    "a.invalid",
    /^denied_domain /,
  ],
  ["{ proxy: 'http://denied.test:1' }", "a.invalid", /^denied_domain /],
  ["{ proxy: PROXY }", "localhost", /^denied_localhost /],
  ["{ hostname: '127.1', proxy: PROXY }", "a.invalid", /^denied_localhost /],
  [
    "{ hostname: '169.254.169.254', proxy: PROXY }",
    "a.invalid",
    /^denied_address /,
  ],
  // Its own machine, which the user has not named as a proxy.
  ["{ proxy: PROXY }", "a.invalid", /^denied_localhost /],
  ["{ proxy: 'socks5://169.254.169.254:80' }", "a.invalid", /^denied_address /],
] as const;

Deno.test("connect: a plugin does not lead past the rules of the client, by no way", async (t) => {
  await using proxy = startProxy("proxy");
  for (const [decision, host, reason] of ATTEMPTS) {
    await t.step(`${decision} for ${host}`, async () => {
      await using tunnel = await startPluginSystem({
        "route.js": `const PROXY = "http://127.0.0.1:${proxy.port}";
        export default { connect: () => (${decision}) };`,
      }, {
        place: "trusted",
        client: { proxyLocalhost: "deny", denyDomains: ["^denied\\.test$"] },
      });

      const page = await tunnel.get(`http://${host}/`);
      const tunnelled = await connectTo(`${host}:443`, tunnel.proxy);

      assert.match(page.error ?? "", reason);
      assert.match(tunnelled.error ?? "", reason);
    });
  }
  assert.equal(proxy.accepted, 0);
});
