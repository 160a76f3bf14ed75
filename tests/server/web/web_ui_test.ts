import { advertiseWith } from "../advertised.ts";
import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../../src/http/basic_credentials.ts";
import {
  type Accounts,
  openAccounts,
} from "../../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import {
  createWebUi,
  type WebUiDependencies,
} from "../../../src/server/web/web_ui.ts";
import { FakeSession } from "../fake_session.ts";
import { ManualClock } from "../manual_clock.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

class World implements Disposable {
  readonly clock: ManualClock = new ManualClock();
  readonly registry: TunnelRegistry = new TunnelRegistry({
    now: () => this.clock.now(),
  });
  readonly #accounts: Accounts = openAccounts(":memory:", { cost: CHEAP });
  readonly #app: ReturnType<typeof createWebUi>;

  constructor(
    options: Partial<Pick<WebUiDependencies, "caFile" | "advertise">> = {},
  ) {
    this.#app = createWebUi({
      accounts: this.#accounts,
      registry: this.registry,
      clock: this.clock,
      controller: { stop() {} },
      history: { of: () => [] },
      version: "1.2.3",
      advertise: advertiseWith(),
      ...options,
    });
  }

  async get(
    path = "/",
    key = "key",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    if (!this.#accounts.hasUser("ann")) {
      await this.#accounts.addUser("ann", { role: "member" });
    }
    await this.#accounts.bootstrap([{ name: "ann", key: "key" }]);
    return await this.#app.request(`https://lab.test:8443${path}`, {
      headers: {
        ...headers,
        "Authorization": formatBasicCredentials({
          username: "ann",
          password: key,
        }),
      },
    });
  }

  async addUser(role: "admin" | "member"): Promise<void> {
    await this.#accounts.addUser("ann", { role });
  }

  async page(): Promise<string> {
    const response = await this.get();
    assert.equal(response.status, 200);
    return await response.text();
  }

  [Symbol.dispose](): void {
    this.#accounts[Symbol.dispose]();
  }
}

/** The cells of all rows as text. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const body = page.slice(page.indexOf("<tbody"), page.indexOf("</tbody>"));
  return body.split("<tr").slice(1).map((row) =>
    row.split("<td").slice(1).map((cell) =>
      cell.replace(/^[^>]*>/, "").replace(/<[^>]+>/g, "")
        .replace(/\s+/g, " ").trim()
    )
  );
}

Deno.test("the page refuses wrong Basic credentials, and so do its events", async () => {
  using world = new World();

  for (const path of ["/", "/events"]) {
    const response = await world.get(path, "wrong");
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate") ?? "", /^Basic /);
  }
});

Deno.test("the page shows a newcomer the command to run", async () => {
  using world = new World();

  const page = await world.page();

  assert.match(page, /You have no tunnel yet/);
  assert.match(
    page,
    /sallyport run \\\n {2}--server https:\/\/lab\.test:8443 \\\n {2}--username ann \\\n {2}--tunnel-name my-tunnel</,
  );
  assert.match(
    page,
    /sallyport run `\n {2}--server https:\/\/lab\.test:8443 `\n {2}--username &#39;ann&#39; `\n {2}--tunnel-name my-tunnel</,
  );
  assert.match(page, /<code>lab\.test:8080<\/code>/);
  assert.match(page, /<code>ann\+my-tunnel<\/code>/);
});

Deno.test("the page says which CA to trust when the server made its own", async () => {
  using world = new World({ caFile: () => "/data/ca.pem" });

  const page = await world.page();

  assert.match(page, /<code>\/data\/ca\.pem<\/code>/);
  assert.match(page, /--cacert-file ca\.pem/);
});

Deno.test("the page has one's own tunnels in the seven columns and more, live ones first", async () => {
  using world = new World();
  const add = (name: string, owner = "ann", pool = false) =>
    world.registry.create({
      owner,
      name,
      pool,
      shared: pool ? "all" : "",
      metadata: { hostname: `${name}-host` },
    }).tunnel;
  const old = add("old");
  add("bobs", "bob");
  add("fresh");
  const pool = add("pool", "ann", true);
  const stopping = add("stopping");
  const away = add("away");
  const session = new FakeSession();
  session.openExchanges = 1;
  pool.attach(new FakeSession());
  stopping.attach(session);
  const cut = new FakeSession();
  away.attach(cut);
  cut.cut();
  await assert.rejects(cut.done);
  world.clock.advance(125_000);
  old.beginStop({ reason: "sigterm", byUser: true });
  old.markTerminated();
  stopping.beginStop({ reason: "webui", byUser: true });
  world.clock.advance(60_000);

  const page = await world.page();

  assert.match(page, /4 active tunnels, 1 ready for tests/);
  assert.deepEqual(
    [...page.matchAll(/<th [^>]*scope="col"[^>]*>([^<]+)/g)].map(([, name]) =>
      name
    ),
    [
      "Type",
      "State",
      "Tunnel name",
      "Client hostname",
      "Owner",
      "Sharing",
      "Duration",
      "Health",
      "Round trip",
      "Streams",
      "Throughput",
    ],
  );
  const none = "Not shared";
  assert.deepEqual(rowsOf(page).map((row) => row.slice(1, 8)), [
    ["Client is away", "away", "away-host", "ann", none, "3 min", "0 sessions"],
    [
      "Stopping (webui), 1 job left",
      "stopping",
      "stopping-host",
      "ann",
      none,
      "3 min",
      "1 session",
    ],
    [
      "Running",
      "pool pool",
      "pool-host",
      "ann",
      "Shared",
      "3 min",
      "1 session",
    ],
    [
      "Waiting for client",
      "fresh",
      "fresh-host",
      "ann",
      none,
      "3 min",
      "0 sessions",
    ],
    ["Stopped (sigterm)", "old", "old-host", "ann", none, "2 min", "–"],
  ]);
});

Deno.test("the page escapes what users named", async () => {
  using world = new World();
  world.registry.create({
    owner: "ann",
    name: '<img src=x onerror="alert(1)">',
    metadata: { hostname: "</td><script>" },
  });

  const page = await world.page();

  assert.ok(!page.includes("<img src=x"));
  assert.ok(!page.includes("</td><script>"));
  assert.ok(page.includes("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"));
});

Deno.test("the page allows nothing inline and nothing from elsewhere", async () => {
  using world = new World();

  const response = await world.get();

  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(
    policy,
    /default-src 'none'; script-src 'self'; style-src 'self'/,
  );
  assert.ok(!policy.includes("unsafe"));
  const page = await response.text();
  assert.ok(!/<script(?! src=)|<style|style=|\son\w+=/.test(page));
});

for (
  const [path, type] of [
    ["/page.css", "text/css; charset=utf-8"],
    ["/live.js", "text/javascript; charset=utf-8"],
    ["/charts.js", "text/javascript; charset=utf-8"],
    ["/icon.svg", "image/svg+xml"],
  ] as const
) {
  Deno.test(`the page's ${path} has its type`, async () => {
    using world = new World();

    const response = await world.get(path);

    assert.equal(response.headers.get("content-type"), type);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.notEqual(await response.text(), "");
  });
}

Deno.test("the page's events follow the tunnels", async () => {
  using world = new World();
  const response = await world.get("/events");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body?.pipeThrough(new TextDecoderStream())
    .getReader();
  assert.match((await reader?.read())?.value ?? "", /No active tunnels/);
  const next = reader?.read();

  world.registry.create({ owner: "ann", name: "shop" });
  world.clock.advance(100);

  assert.match((await next)?.value ?? "", /1 active tunnel, 0 ready/);
  await reader?.cancel();
});

Deno.test("the footer of the page leads to the page about the API", async () => {
  using world = new World();

  assert.match(
    await world.page(),
    /<footer>[^]*<a href="\/docs">REST API<\/a>/,
  );
  const response = await world.get("/docs");

  assert.equal(response.status, 200);
  assert.match(
    response.headers.get("content-security-policy") ?? "",
    /script-src 'self'/,
  );
  assert.match(await response.text(), /<h1>REST API<\/h1>/);
});

for (
  const [path, links] of [
    ["/", ['href="/" aria-current="page"']],
    ["/keys", ['href="/keys" aria-current="page"']],
    ["/stop-my-tunnels", ['href="/" aria-current="true"']],
    ["/docs", []],
  ] as const
) {
  Deno.test(`the banner of ${path} says where one is`, async () => {
    using world = new World();

    const page = await (await world.get(path)).text();

    assert.deepEqual(
      page.match(/href="[^"]+" aria-current="\w+"/g) ?? [],
      links,
    );
  });
}

/** The external host of a server → where the page sends browsers. */
for (
  const [externalHost, place] of [
    [undefined, "lab.test:8080"],
    ["tunnels.test", "tunnels.test:8080"],
    ["2001:db8::1", "[2001:db8::1]:8080"],
    ["[2001:db8::1]", "[2001:db8::1]:8080"],
  ] as const
) {
  Deno.test(`the page of a server called ${externalHost} has the proxy ${place}`, async () => {
    using world = new World({
      advertise: advertiseWith({ externalHost }),
    });
    const text = await world.page();
    assert.ok(text.includes(place), text.slice(0, 3_000));
    if (!place.startsWith("[")) assert.ok(!text.includes(`[${place}`));
    assert.ok(!text.includes("[["));
  });
}

Deno.test("a page that does not exist says so", async () => {
  using world = new World();
  const response = await world.get("/nowhere");
  assert.equal(response.status, 404);
  assert.match(await response.text(), /Cannot find .*\/nowhere.*no such page/);
});

Deno.test("an admin has the pages of users and the audit log, a member has not", async () => {
  for (const role of ["admin", "member"] as const) {
    using world = new World();
    await world.addUser(role);
    const text = await world.page();
    for (const path of ["/users", "/audit"]) {
      const isThere = text.includes(`href="${path}"`);
      assert.equal(isThere, role === "admin", `${role} ${path}`);
      const { status } = await world.get(path);
      assert.equal(status, role === "admin" ? 200 : 403, `${role} ${path}`);
    }
  }
});

Deno.test("pages of errors are pages too, with a way back", async () => {
  using world = new World();
  for (const path of ["/nowhere", `/tunnels/${"0".repeat(32)}`]) {
    const response = await world.get(path, "key", { Accept: "text/html" });
    assert.equal(response.status, 404, path);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.notEqual(response.headers.get("content-security-policy"), null);
    assert.match(await response.text(), /Back to the tunnels/);
  }
});
