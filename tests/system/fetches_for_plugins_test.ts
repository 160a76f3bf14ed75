/** Promise: `context.fetch` of a plugin reaches sites as the client does, within its rules and the permissions of the plugin. */
import assert from "node:assert/strict";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { parsePermissions } from "../../src/plugin/api/permissions.ts";
import { parseHeaderRule } from "../../src/http/header_rules.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { type PluginSystem, startPluginSystem } from "./plugin_system.ts";

/** Fetches what the query says, and answers with what it got. */
const ASKER = `export default {
  async request({ url }, { fetch }) {
    if (url.hostname !== "ask.test") return;
    const init = JSON.parse(url.searchParams.get("init") ?? "{}");
    try {
      const response = await fetch(url.searchParams.get("url"), init);
      return Response.json({
        status: response.status,
        url: response.url,
        redirected: response.redirected,
        headers: Object.fromEntries(response.headers),
        text: await response.text(),
      });
    } catch (error) {
      const { name, message, cause } = error;
      return Response.json({ name, message, reason: cause?.reason, why: cause?.message });
    }
  },
};`;

interface Report {
  readonly status?: number;
  readonly url?: string;
  readonly redirected?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly name?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly why?: string;
}

/** What the plugin got when it fetched `url`. */
async function fetched(
  tunnel: PluginSystem,
  url: string,
  init: RequestInit = {},
): Promise<Report> {
  const query = new URLSearchParams({ url, init: JSON.stringify(init) });
  const { text } = await tunnel.get(`http://ask.test/?${query}`);
  return JSON.parse(text);
}

/** What the asking plugin runs with, besides its permissions. */
interface AskerOptions {
  readonly client?: Partial<ClientOptions>;
  /** More plugins. */
  readonly more?: Readonly<Record<string, string>>;
  readonly trusted?: readonly string[];
}

/** A client whose plugin `ask` has these permissions. */
async function startAsker(
  permissions: string,
  { client = {}, more = {}, trusted = [] }: AskerOptions = {},
): Promise<PluginSystem> {
  return await startPluginSystem({ "ask.js": ASKER, ...more }, {
    ...{ client, trusted },
    plugins: { permissions: [parsePermissions(`ask:${permissions}`)] },
  });
}

/** Hosts that this test may reach itself: it cannot allow a plugin more. */
const ALLOWED = "net=*.test,*.invalid,127.0.0.1";

for (const permissions of ["trusted", ALLOWED]) {
  const place = permissions === "trusted" ? "trusted" : "sandboxed";

  Deno.test(`fetch reaches a site by the client's names, CAs and header rules, and no plugin sees it (${place})`, async () => {
    await using site = await startOrigin("https", ["api.test"]);
    await using tunnel = await startAsker(permissions, {
      trusted: [site.ca ?? ""],
      client: { headers: { request: [parseHeaderRule("X-Rule: yes")] } },
      more: {
        "other.js": `export default {
          request({ url }, { log }) { if (url.hostname !== "ask.test") log.info("seen"); },
          connect({ hostname }, { log }) { log.info("seen"); return { refuse: "no" }; },
          resolve(hostname, { log }) { log.info("seen"); return ["192.0.2.1"]; },
        };`,
      },
    });

    const report = await fetched(tunnel, `https://api.test:${site.port}/hello`);

    assert.equal(report.status, 404);
    assert.equal(report.url, `https://api.test:${site.port}/hello`);
    assert.match(site.heads[0] ?? "", /\r\nX-Rule: yes\r\n/);
    assert.match(site.heads[0] ?? "", /\r\nHost: api\.test:\d+\r\n/i);
    assert.deepEqual(tunnel.log.matching("seen"), []);
  });

  Deno.test(`fetch goes through the upstream proxy of the client (${place})`, async () => {
    await using proxy = startSite((exchange) =>
      exchange.answer(200, { body: exchange.target })
    );
    await using tunnel = await startAsker(permissions, {
      client: {
        upstreamProxy: parseUpstreamProxy(`http://127.0.0.1:${proxy.port}`),
      },
    });

    const { text } = await fetched(tunnel, "http://far.invalid/a?b=c");

    assert.equal(text, "http://far.invalid/a?b=c");
  });

  Deno.test(`fetch undoes codings, sends content, and follows redirects as the web's does (${place})`, async () => {
    const heads: string[] = [];
    await using other = startSite((exchange) => {
      heads.push(exchange.head);
      return exchange.answer(200, { body: "there" });
    });
    await using site = startSite(async (exchange) => {
      heads.push(exchange.head);
      const location = exchange.path === "/see-other"
        ? "/echo"
        : `http://b.test:${other.port}/`;
      if (exchange.path !== "/echo") {
        const status = exchange.path === "/see-other" ? 303 : 307;
        const fields = [["Location", location]] as const;
        return await exchange.answer(status, { fields });
      }
      await exchange.answer(200, { body: `${exchange.method} here` });
    });
    await using compressed = await startOrigin();
    await using tunnel = await startAsker(permissions);
    const base = `http://a.test:${site.port}`;

    const plain = await fetched(tunnel, `${compressed.url}/gzip`);
    const echoed = await fetched(tunnel, `${compressed.url}/echo`, {
      method: "POST",
      body: "x=1&y=2",
    });
    const seen = await fetched(tunnel, `${base}/see-other`, {
      method: "POST",
      body: "x",
      headers: { "Content-Type": "text/plain", Authorization: "Basic eA==" },
    });
    const moved = await fetched(tunnel, `${base}/move`, {
      method: "PUT",
      body: "xyz",
      headers: { Authorization: "Basic eA==", Cookie: "a=b", "X-Own": "1" },
    });
    const stayed = await fetched(tunnel, `${base}/move`, {
      redirect: "manual",
    });
    const refused = await fetched(tunnel, `${base}/move`, {
      redirect: "error",
    });

    assert.equal(plain.text, "compressed\n");
    assert.equal(plain.headers?.["content-encoding"], undefined);
    assert.equal(echoed.text, "x=1&y=2");
    assert.deepEqual([seen.text, seen.redirected], ["GET here", true]);
    assert.match(heads[1] ?? "", /\r\nauthorization: /i);
    assert.doesNotMatch(heads[1] ?? "", /content-(type|length)/i);
    assert.equal(moved.text, "there");
    assert.equal(moved.url, `http://b.test:${other.port}/`);
    assert.match(heads[3] ?? "", /^PUT \/ /);
    assert.match(heads[3] ?? "", /\r\nx-own: 1\r\n/i);
    assert.doesNotMatch(heads[3] ?? "", /authorization|cookie/i);
    assert.deepEqual([stayed.status, stayed.redirected], [307, false]);
    assert.match(refused.message ?? "", /: it redirects$/);
  });

  Deno.test(`a fetch that fails says who failed, and why (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startAsker(permissions, {
      client: {
        denyDomains: ["^denied\\.test$"],
        proxyLocalhost: "deny",
      },
    });
    const expected = [
      [
        "http://no.such.invalid/",
        "name_not_found",
        /^Cannot find the host "no\.such\.invalid": DNS on the client's machine has no such name$/,
      ],
      [
        "http://denied.test/",
        "denied_domain",
        /^Proxying is denied to host "denied\.test": /,
      ],
      [
        `${site.url}/status/200`,
        "denied_localhost",
        /^Proxying is denied to host "127\.0\.0\.1": it is the client's own machine/,
      ],
    ] as const;

    for (const [url, reason, why] of expected) {
      const report = await fetched(tunnel, url);

      assert.equal(report.name, "TypeError", url);
      assert.equal(report.reason, reason);
      assert.match(report.why ?? "", why);
      assert.equal(report.message, `Cannot fetch "${url}": ${report.why}`);
    }
    assert.deepEqual(site.heads, []);
  });

  Deno.test(`a hook that lets a failed fetch fail names the party in the log (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        request: (_, { fetch }) => fetch("http://no.such.invalid/"),
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });

    const page = await tunnel.get("http://ask.test/");

    assert.equal(page.status, 502);
    const [failure] = tunnel.log.matching("hook failed");
    assert.match(
      String(failure?.fields["error"]),
      /Cannot fetch "http:\/\/no\.such\.invalid\/": Cannot find the host "no\.such\.invalid": DNS on/,
    );
  });

  Deno.test(`a plugin has 64 fetches at once, and further ones wait (${place})`, async () => {
    let arrived = 0;
    const full = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      arrived += 1;
      if (arrived === 64) full.resolve();
      await goOn.promise;
      await exchange.answer(200, { body: "x" });
    });
    await using other = await startOrigin();
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        async request({ url }, { fetch }) {
          if (url.hostname !== "ask.test") return;
          const all = Array.from({ length: 80 }, () => fetch("http://a.test:${site.port}/").then((r) => r.text()));
          return new Response(String((await Promise.all(all)).length));
        },
      };`,
    }, {
      plugins: {
        permissions: [parsePermissions(permissions)],
        timeBudget: 60_000,
      },
    });

    const page = tunnel.get("http://ask.test/");
    await within(full.promise, "64 requests at the site");
    await tunnel.get(`${other.url}/status/200`);
    const atOnce = arrived;
    goOn.resolve();

    assert.equal(atOnce, 64);
    assert.equal((await page).text, "80");
  });

  Deno.test(`content of a fetch is read from the site only as the plugin reads it (${place})`, async () => {
    let sent = 0;
    const stopped = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      const chunk = new Uint8Array(64 * 1024);
      await exchange.conn.write(
        new TextEncoder().encode(
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        ),
      );
      try {
        for (;;) sent += await exchange.conn.write(chunk);
      } catch {
        stopped.resolve();
      }
    });
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        async request(_, { fetch }) {
          const { body } = await fetch("http://a.test:${site.port}/");
          const reader = body.getReader();
          const { value } = await reader.read();
          await reader.cancel();
          return new Response(String(value.length > 0));
        },
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });

    const page = await tunnel.get("http://ask.test/");
    await within(stopped.promise, "the site to be cut off");

    assert.equal(page.text, "true");
    // What the sockets of this machine hold.
    assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes`);
  });

  Deno.test(`a fetch ends with its signal, before the response and after (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        async request({ url }, { fetch, log }) {
          const stop = new AbortController();
          const { signal } = stop;
          const early = fetch("http://127.0.0.1:${site.port}/hold/a", { signal });
          const late = await fetch("http://127.0.0.1:${site.port}/hold-body/b", { signal });
          const text = late.text();
          stop.abort(new Error("enough"));
          const why = (promise) => promise.then(() => "done", (error) => error.message);
          return Response.json([await why(early), await why(text)]);
        },
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });

    const page = await tunnel.get("http://ask.test/");

    assert.deepEqual(JSON.parse(page.text), ["enough", "enough"]);
  });

  Deno.test(`the response of a fetch is an answer for the browser (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        request: ({ url }, { fetch }) => fetch("http://a.test:${site.port}" + url.pathname),
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });

    const compressed = await tunnel.get("http://ask.test/gzip");
    const large = await tunnel.get("http://ask.test/bytes/1000000");

    assert.equal(compressed.text, "compressed\n");
    assert.equal(compressed.get("content-encoding"), undefined);
    assert.equal(large.text.length, 1_000_000);
  });

  Deno.test(`content of a fetch that is cut short says who cut it (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startAsker(permissions);

    const url = `http://a.test:${site.port}/die-mid-body`;
    const { message } = await fetched(tunnel, url);

    assert.match(
      message ?? "",
      new RegExp(
        `^Cannot read the response of "${url}": .*a\\.test:${site.port}`,
      ),
    );
  });

  Deno.test(`a request is sent again with its content, or not at all (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "ask.js": `export default {
        async request(request, { state }) {
          state.content = await request.bytes();
        },
        async response({ status }, { request, state, fetch }) {
          if (request.url.pathname !== "/echo") return;
          try {
            return await fetch(request);
          } catch (error) {
            const again = await fetch(request, { body: state.content });
            return new Response(error.message + "; " + await again.text());
          }
        },
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });
    using browser = await BrowserConnection.open(tunnel.proxy, {
      site,
      hostname: "a.test",
    });

    const answer = await browser.exchange("POST", "/echo", {
      content: new TextEncoder().encode("order 7"),
    });

    assert.equal(
      await answer.text(),
      'the content of the request has been sent, read it in the hook "request" ' +
        'and keep it in "state"; order 7',
    );
    assert.equal(site.heads.length, 2);
  });

  Deno.test(`a plugin fetches while it is set up, and when it ends (${place})`, async () => {
    await using site = await startOrigin();
    const tunnel = await startPluginSystem({
      "ask.js": `let send;
      export default {
        async setup({ fetch, log, tunnel }) {
          send = fetch;
          const { status } = await fetch("http://a.test:${site.port}/status/201");
          log.info("set up", { status, tunnel: tunnel?.name ?? "none" });
        },
      };`,
    }, { plugins: { permissions: [parsePermissions(permissions)] } });
    await tunnel[Symbol.asyncDispose]();

    const [line] = tunnel.log.matching("set up");
    assert.deepEqual(line?.fields, {
      status: 201,
      tunnel: "none",
      plugin: "ask",
    });
  });
}

Deno.test("in the sandbox, fetch reaches what the permissions of the plugin name, also after a redirect", async () => {
  await using site = await startOrigin();
  await using far = startSite((exchange) =>
    exchange.answer(302, {
      fields: [["Location", `http://secret.test:${site.port}/status/200`]],
    })
  );
  await using tunnel = await startAsker(
    `net=a.test:${site.port},far.test,127.0.0.1`,
  );
  const reasonOf = async (url: string) =>
    (await fetched(tunnel, url)).reason ?? "none";
  const path = `:${site.port}/status/200`;

  assert.equal(await reasonOf(`http://a.test${path}`), "none");
  assert.equal(await reasonOf(`http://127.0.0.1${path}`), "none");
  const denied = await fetched(tunnel, `http://c.test${path}`);
  const hop = await fetched(tunnel, `http://far.test:${far.port}/`);

  assert.equal(denied.reason, "denied_permission");
  assert.equal(
    denied.why,
    `it has no net access to "c.test:${site.port}", allow it with ` +
      `--plugin-permissions "ask:net=c.test:${site.port}"`,
  );
  assert.equal(hop.reason, "denied_permission");
  assert.match(hop.why ?? "", /"secret\.test:/);
  assert.equal(site.heads.length, 2);
});

Deno.test("without permissions, fetch reaches nothing", async () => {
  await using site = await startOrigin();
  await using tunnel = await startAsker("none");

  const { reason } = await fetched(tunnel, `http://a.test:${site.port}/`);

  assert.equal(reason, "denied_permission");
  assert.deepEqual(site.heads, []);
});
