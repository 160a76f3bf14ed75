/** Promise: plugins change what passes through a real tunnel, in their sandbox and without it alike. @module */
import assert from "node:assert/strict";
import { parsePermissions } from "../../src/plugin/api/permissions.ts";
import { connectTo } from "../testing/browser.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

for (const place of PLACES) {
  Deno.test(`a request for shop.example goes to a local site (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "shop.js": `export default {
        request({ url }) {
          if (url.host === "shop.example") url.host = "${site.authority}";
        },
      };`,
    }, { place });

    const page = await tunnel.get("http://shop.example/status/201");

    assert.equal(page.status, 201);
    assert.match(site.heads[0] ?? "", new RegExp(`Host: ${site.authority}\r`));
  });

  Deno.test(`a header is added to a request, and one to its response (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "mark.js": `export default {
        request: ({ headers }) => headers.set("X-Test-Run", "nightly"),
        response: ({ headers }) => headers.set("X-Seen", "yes"),
      };`,
    }, { place });

    const page = await tunnel.get(`http://a.test:${site.port}/status/200`);

    assert.match(site.heads[0] ?? "", /\r\nX-Test-Run: nightly\r\n/);
    assert.equal(page.get("x-seen"), "yes");
  });

  Deno.test(`a plugin responds in JSON for an API that does not exist (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "mock.js": `export default {
        request({ url }) {
          if (url.host === "api.example") return Response.json({ id: 7 });
        },
      };`,
    }, { place });

    const page = await tunnel.get("http://api.example/users/7");

    assert.equal(page.get("content-type"), "application/json");
    assert.deepEqual(JSON.parse(page.text), { id: 7 });
  });

  Deno.test(`a plugin changes text in a page, and its length with it (${place})`, async () => {
    await using site = startSite((exchange) =>
      exchange.answer(200, {
        fields: [["Content-Type", "text/html; charset=utf-8"]],
        body: "<h1>Prices in €</h1>",
      })
    );
    await using tunnel = await startPluginSystem({
      "page.js": `export default {
        async response(r) {
          r.body = (await r.text()).replace("Prices", "Our prices");
        },
      };`,
    }, { place });

    const { text } = await tunnel.get(`http://a.test:${site.port}/`);

    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    assert.equal(
      new TextDecoder().decode(bytes),
      "<h1>Our prices in €</h1>",
    );
  });

  Deno.test(`a name that does not exist leads where a plugin says (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "pin.js": `export default {
        resolve: (name, { options }) => options[name],
      };`,
    }, {
      place,
      uses: {
        "pin.js": { options: { "no.such.invalid": ["127.0.0.1"] } },
      },
    });

    const url = `http://no.such.invalid:${site.port}/status/200`;
    const known = await tunnel.get(url);
    const unknown = await tunnel.get(url.replace("no.", "not."));

    assert.equal(known.status, 200);
    assert.match(unknown.error ?? "", /^name_not_found /);
  });

  Deno.test(`a connection is sent elsewhere, another is refused (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "route.js": `export default {
        connect({ hostname }) {
          if (hostname === "ads.test") return { refuse: "no ads" };
          return { hostname: "127.0.0.1", port: ${site.port} };
        },
      };`,
    }, { place });

    const page = await tunnel.get("http://a.invalid:1/status/200");
    const open = await connectTo("b.invalid:443", tunnel.proxy);
    const refused = await connectTo("ads.test:443", tunnel.proxy);

    assert.equal(page.status, 200);
    assert.match(site.heads[0] ?? "", /\r\nHost: a\.invalid:1\r\n/);
    assert.equal(open.status, 200);
    assert.equal(refused.status, 403);
    assert.match(refused.error ?? "", /^denied_plugin Proxying is denied /);
    assert.match(
      refused.text,
      /Plugin "route" refuses connections to "ads\.test:443": no ads\n/,
    );
  });

  Deno.test(`every hook knows the tunnel, its user and its metadata (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "watch.js": `const tell = (hook) => (_, { tunnel, log, id }) =>
        void log.info("knows", { hook, id, tunnel: JSON.stringify(tunnel) });
      export default {
        connect: tell("connect"),
        resolve: tell("resolve"),
        request: tell("request"),
        tunnel: ({ state, tunnel }, context) => {
          if (state === "ready") tell("tunnel")(state, context);
        },
      };`,
    }, { place, client: { metadata: { team: "shop" } } });

    await tunnel.get(`http://a.test:${site.port}/status/200`);
    await tunnel.log.seen("knows", {}, { count: 4 });

    const { id, name, proxy } = tunnel.system.client.tunnel;
    const facts = { id, name, proxy, user: "demo", metadata: { team: "shop" } };
    for (const { fields } of tunnel.log.matching("knows")) {
      assert.deepEqual(JSON.parse(String(fields["tunnel"])), facts);
      assert.equal(fields["plugin"], "watch");
      const hasId = fields["hook"] !== "tunnel";
      assert.equal(fields["id"] !== undefined, hasId, String(fields["hook"]));
    }
  });

  Deno.test(`plugins get the state of the tunnel from start to stop (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "watch.js": `export default {
        tunnel: ({ state, tunnel }, { log }) =>
          log.info("tunnel is", { state, name: tunnel?.name }),
      };`,
    }, { place });

    await tunnel.system.client.stop();

    const news = tunnel.log.matching("tunnel is");
    const states = news.map(({ fields }) => fields);
    assert.ok(news.every(({ level }) => level === "info"));
    assert.deepEqual(states.map(({ state }) => state), [
      "starting",
      "ready",
      "stopping",
      "stopped",
    ]);
    assert.equal(states[1]?.["name"], "lab");
    assert.equal(states[1]?.["plugin"], "watch");
  });
}

Deno.test("requests inside TLS that is opened are seen by plugins, others are not", async () => {
  await using tunnel = await startPluginSystem({
    "mock.js": `export default {
      request: ({ url }) => new Response("mocked " + url.href),
    };`,
  }, { client: { tlsResignDomains: ["^api\\.test$"] } });
  const { server, proxyUrl, credentials } = tunnel.system;
  using client = Deno.createHttpClient({
    proxy: { url: proxyUrl, basicAuth: credentials },
    caCerts: [server.browserCa],
  });

  const opened = await fetch("https://api.test/users?a=b", { client });
  const text = await opened.text();
  const passed = await connectTo("other.invalid:443", tunnel.proxy);

  assert.equal(text, "mocked https://api.test/users?a=b");
  assert.match(passed.error ?? "", /^name_not_found /);
});

Deno.test("a plugin does not lead to the client's machine unless its owner allows it", async () => {
  await using site = await startOrigin();
  await using tunnel = await startPluginSystem({
    "pin.js": `export default { resolve: () => ["127.0.0.1"] };`,
    "route.js": `export default {
      connect: ({ hostname }) =>
        hostname === "b.test" ? { hostname: "localhost" } : undefined,
    };`,
  }, { client: { proxyLocalhost: "deny" } });

  for (const host of ["a.test", "b.test"]) {
    const page = await tunnel.get(`http://${host}:${site.port}/status/200`);

    assert.match(page.error ?? "", /^denied_localhost /, host);
  }
});

Deno.test("calls of plugins are counted, by plugin and hook", async () => {
  await using tunnel = await startPluginSystem({
    "mock.js": `export default {
      request({ url }) {
        if (url.pathname === "/bad") throw new Error("no");
        return new Response("yes");
      },
    };`,
  }, {
    place: "trusted",
    client: { apiAddress: { hostname: "127.0.0.1", port: 0 } },
  });

  await tunnel.get("http://a.test/good");
  await tunnel.get("http://a.test/bad");
  const answer = await fetch(`${tunnel.system.client.apiUrl}metrics`);
  const text = await answer.text();

  for (
    const line of [
      'plugin_calls_total{plugin="mock",hook="request"} 2',
      'plugin_errors_total{plugin="mock",hook="request"} 1',
      'plugin_call_duration_seconds_count{plugin="mock",hook="request"} 2',
      'plugin_enabled{plugin="mock"} 1',
      'proxy_errors_total{reason="plugin"} 1',
    ]
  ) {
    assert.ok(text.includes(`\nsallyport_${line}\n`), `${line} in\n${text}`);
  }
});

Deno.test("permissions for a plugin that is not there stop the start, with the names there are", async () => {
  const start = (rule: string) =>
    startPluginSystem({ "pin_dns.js": "", "slow.js": "" }, {
      plugins: { permissions: [parsePermissions(rule)] },
    });

  await assert.rejects(start("pin_dsn:net"), {
    name: "PluginError",
    message: 'Cannot use the permissions of plugin "pin_dsn": ' +
      'no plugin has this name, did you mean "pin_dns"?',
  });
  await assert.rejects(start("mock:net"), {
    message: 'Cannot use the permissions of plugin "mock": ' +
      "no plugin has this name, plugins are pin_dns, slow",
  });
});
