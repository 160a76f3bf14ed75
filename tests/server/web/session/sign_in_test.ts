import { advertiseWith } from "../../advertised.ts";
import assert from "node:assert/strict";
import { formatBasicCredentials } from "../../../../src/http/basic_credentials.ts";
import { ProxyError } from "../../../../src/proxy/errors/errors.ts";
import {
  type Accounts,
  openAccounts,
} from "../../../../src/server/accounts/accounts.ts";
import { TunnelController } from "../../../../src/server/tunnels/controller.ts";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../../src/server/tunnels/tunnel.ts";
import { createWebUi } from "../../../../src/server/web/web_ui.ts";
import { requestOf } from "../../../plugin/exchanges.ts";
import { FakeSession } from "../../fake_session.ts";
import { ManualClock } from "../../manual_clock.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const ORIGIN = "https://lab.test:8443";
const HOUR = 3_600_000;

class Site implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  readonly registry: TunnelRegistry = new TunnelRegistry({
    now: () => this.clock.now(),
  });
  readonly controller: TunnelController = new TunnelController(this.registry, {
    clock: this.clock,
  });
  readonly accounts: Accounts = openAccounts(":memory:", { cost: CHEAP });
  readonly #app = createWebUi({
    accounts: this.accounts,
    registry: this.registry,
    controller: this.controller,
    history: { of: () => [] },
    clock: this.clock,
    version: "1.2.3",
    advertise: advertiseWith(),
  });

  static async open(): Promise<Site> {
    const site = new Site();
    await site.accounts.addUser("ann", { role: "member" });
    await site.accounts.bootstrap([
      { name: "ann", key: "key" },
      { name: "bob", key: "other" },
    ]);
    return site;
  }

  get(path: string, cookie = ""): Promise<Response> {
    return this.#ask(path, { headers: { "Cookie": cookie } });
  }

  post(
    path: string,
    { cookie = "", form, headers = {} }: {
      readonly cookie?: string;
      readonly form: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Response> {
    const body = String(new URLSearchParams(form));
    return this.#ask(path, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": String(body.length),
        "Cookie": cookie,
        ...headers,
      },
    });
  }

  async signIn(username = "ann", key = "key"): Promise<string> {
    const response = await this.post("/login", { form: { username, key } });
    assert.equal(response.status, 303);
    return response.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  async csrfToken(cookie: string): Promise<string> {
    const page = await (await this.get("/", cookie)).text();
    return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? "";
  }

  tunnel(owner = "ann", name = "shop"): Tunnel {
    return this.registry.create({ owner, name }).tunnel;
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    return await this.#app.request(`${ORIGIN}${path}`, init);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.controller[Symbol.asyncDispose]();
    this.accounts[Symbol.dispose]();
  }
}

Deno.test("without a session the page redirects to the sign-in form, and back afterwards", async () => {
  await using site = await Site.open();

  const redirect = await site.get("/?q=shop");
  assert.equal(redirect.status, 303);
  assert.equal(redirect.headers.get("location"), "/login?next=%2F%3Fq%3Dshop");
  const form = await (await site.get("/login?next=%2F%3Fq%3Dshop")).text();
  assert.match(form, /name="next" value="\/\?q=shop"/);
  const signIn = await site.post("/login", {
    form: { username: "ann", key: "key", next: "/?q=shop" },
  });

  assert.equal(signIn.headers.get("location"), "/?q=shop");
});

for (
  const next of [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
  ]
) {
  Deno.test(`signing in leads nowhere else: ${next}`, async () => {
    await using site = await Site.open();

    const response = await site.post("/login", {
      form: { username: "ann", key: "key", next },
    });

    assert.equal(response.headers.get("location"), "/");
  });
}

Deno.test("the cookie is kept from scripts, from other sites and from plain HTTP", async () => {
  await using site = await Site.open();

  const response = await site.post("/login", {
    form: { username: "ann", key: "key" },
  });

  const cookie = response.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^__Host-sallyport=/);
  for (const word of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"]) {
    assert.ok(cookie.includes(word), `${word} in ${cookie}`);
  }
});

Deno.test("a wrong key does not sign in, and the form says so", async () => {
  await using site = await Site.open();

  const response = await site.post("/login", {
    form: { username: "ann", key: "wrong" },
  });

  assert.equal(response.status, 403);
  assert.equal(response.headers.get("set-cookie"), null);
  assert.match(await response.text(), /User name or access key is wrong/);
});

Deno.test("after too many failures even the right key has to wait", async () => {
  await using site = await Site.open();
  for (let at = 0; at < 10; at += 1) {
    await site.post("/login", { form: { username: "ann", key: `k${at}` } });
  }

  const response = await site.post("/login", {
    form: { username: "ann", key: "key" },
  });

  assert.equal(response.status, 429);
});

Deno.test("signing out ends the session, even with a kept cookie", async () => {
  await using site = await Site.open();
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);

  const out = await site.post("/logout", { cookie, form: { token } });
  const after = await site.get("/", cookie);

  assert.equal(out.headers.get("location"), "/login");
  assert.equal(after.status, 303);
});

Deno.test("a session ends when it is not used, and after a day's work anyway", async () => {
  await using site = await Site.open();
  const idle = await site.signIn();
  const busy = await site.signIn();
  for (let hour = 0; hour < 11; hour += 1) {
    site.clock.advance(HOUR);
    assert.equal((await site.get("/", busy)).status, 200);
  }

  assert.equal((await site.get("/", idle)).status, 303);
  site.clock.advance(HOUR);
  assert.equal((await site.get("/", busy)).status, 303);
});

Deno.test("a removed user is signed out at once", async () => {
  await using site = await Site.open();
  const cookie = await site.signIn();

  await site.accounts.removeUser("ann");

  assert.equal((await site.get("/", cookie)).status, 303);
});

for (
  const [name, { headers, token }] of Object.entries({
    "without the token of its page": { headers: {}, token: "" },
    "with another token": { headers: {}, token: "x".repeat(43) },
    "from a page of another site": {
      headers: { "Sec-Fetch-Site": "cross-site" },
      token: undefined,
    },
    "from another site, in a browser without Sec-Fetch-Site": {
      headers: { "Origin": "https://evil.test" },
      token: undefined,
    },
  })
) {
  Deno.test(`a form ${name} stops nothing`, async () => {
    await using site = await Site.open();
    const tunnel = site.tunnel();
    const cookie = await site.signIn();
    const ofForm = token ?? await site.csrfToken(cookie);

    const response = await site.post("/stop-my-tunnels", {
      cookie,
      form: { token: ofForm },
      headers,
    });

    assert.equal(response.status, 403);
    assert.ok(!tunnel.isStopping);
  });
}

for (
  const origin of [
    "https://evil.test",
    "https://lab.test",
    "http://lab.test:8443",
    "null",
  ]
) {
  Deno.test(`a page of ${origin} cannot sign a user in`, async () => {
    await using site = await Site.open();

    const response = await site.post("/login", {
      form: { username: "ann", key: "key" },
      headers: { "Origin": origin },
    });

    assert.equal(response.status, 403);
    assert.equal(response.headers.get("set-cookie"), null);
  });
}

Deno.test("the page's own form signs in, in a browser without Sec-Fetch-Site", async () => {
  await using site = await Site.open();

  const page = await site.get("/login");
  const response = await site.post("/login", {
    form: { username: "ann", key: "key" },
    headers: { "Origin": ORIGIN },
  });

  // With "no-referrer" the browser would say "Origin: null".
  assert.equal(page.headers.get("referrer-policy"), "same-origin");
  assert.equal(response.status, 303);
});

Deno.test("Basic credentials read pages and change nothing", async () => {
  await using site = await Site.open();
  const tunnel = site.tunnel();
  const headers = {
    "Authorization": formatBasicCredentials({
      username: "ann",
      password: "key",
    }),
  };

  const response = await site.post(`/tunnels/${tunnel.id}/stop`, {
    form: {},
    headers,
  });

  assert.equal(response.status, 303);
  assert.match(response.headers.get("location") ?? "", /^\/login/);
  assert.ok(!tunnel.isStopping);
});

Deno.test("Stop wants a confirmation, then stops that tunnel and no other", async () => {
  await using site = await Site.open();
  const tunnel = site.tunnel();
  const other = site.tunnel("ann", "other");
  const cookie = await site.signIn();
  const question = await (await site.get(`/tunnels/${tunnel.id}/stop`, cookie))
    .text();
  assert.match(question, /no running jobs/);
  assert.ok(!tunnel.isStopping);
  const token = await site.csrfToken(cookie);

  await site.post(`/tunnels/${tunnel.id}/stop`, {
    cookie,
    form: { token, wait: "on" },
  });

  assert.deepEqual(tunnel.stopCause, { reason: "webui", byUser: true });
  assert.ok(!other.isStopping);
});

Deno.test("Stop waits for running jobs as long as the form says, and the page shows it", async () => {
  await using site = await Site.open();
  const tunnel = site.tunnel();
  const session = new FakeSession();
  session.openExchanges = 1;
  tunnel.attach(session);
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);

  const form = { token, wait: "on", minutes: "5" };
  await site.post(`/tunnels/${tunnel.id}/stop`, { cookie, form });
  site.clock.advance(60_000);
  const page = await (await site.get(`/tunnels/${tunnel.id}`, cookie)).text();

  assert.match(page, /Stopping \(webui\), 1 job left/);
  assert.match(page, /<dt>Cut off in<\/dt>\s*<dd>4 min<\/dd>/);
  site.clock.advance(4 * 60_000);
  await tunnel.terminated;
});

Deno.test("Stop my tunnels stops all of one's own and none of others", async () => {
  await using site = await Site.open();
  const own = [site.tunnel("ann", "a"), site.tunnel("ann", "b")];
  const bobs = site.tunnel("bob", "c");
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);

  await site.post("/stop-my-tunnels", { cookie, form: { token } });

  assert.ok(own.every((tunnel) => tunnel.isStopping));
  assert.ok(!bobs.isStopping);
});

Deno.test("the tunnel of another user is neither shown nor stopped", async () => {
  await using site = await Site.open();
  const bobs = site.tunnel("bob", "secret-shop");
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);

  for (const path of ["", "/events", "/stop"]) {
    const response = await site.get(`/tunnels/${bobs.id}${path}`, cookie);
    assert.equal(response.status, 404);
    assert.ok(!(await response.text()).includes("secret-shop"));
  }
  await site.post(`/tunnels/${bobs.id}/stop`, { cookie, form: { token } });
  assert.ok(!bobs.isStopping);
});

Deno.test("an admin sees and stops another's tunnel, without instructions for its use", async () => {
  await using site = await Site.open();
  await site.accounts.setMembership("ann", { role: "admin" });
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);
  const { id, ...tunnel } = site.tunnel("bob", "bobs");
  const page = await (await site.get(`/tunnels/${id}`, cookie)).text();
  assert.match(page, /The owner does not share this tunnel/);
  const sessions = await site.get(`/tunnels/${id}?tab=sessions`, cookie);
  assert.match(await sessions.text(), /<h2>Sessions/);
  assert.ok(!page.includes("curl"));
  assert.match(await (await site.get("/", cookie)).text(), />bobs</);

  await site.post(`/tunnels/${id}/stop`, { cookie, form: { token } });
  await tunnel.terminated;

  const { stopCause } = site.registry.get(id) ?? {};
  assert.deepEqual(stopCause, { reason: "webui", byUser: false });
});

Deno.test("a shared tunnel is seen by the organization, and stopped by its owner and admins", async () => {
  await using site = await Site.open();
  const shared = { owner: "bob", name: "bobs", shared: "all" } as const;
  const { tunnel } = site.registry.create(shared);
  const { id } = tunnel;
  for (const user of ["ann", "bob"]) {
    const request = requestOf(`http://of-${user}.test/`);
    const origin = { user, job: undefined, session: "" };
    tunnel.requests?.begin(request, origin);
    tunnel.failures.note(request, new ProxyError("noSession", "bobs"));
  }
  const cookie = await site.signIn();
  const token = await site.csrfToken(cookie);

  const page = await (await site.get(`/tunnels/${id}`, cookie)).text();
  assert.match(page, /<code>ann\+bob\+bobs<\/code>/);
  assert.ok(!/<h2>(?:Jobs|Recent errors)/.test(page), "whose jobs it runs");
  for (const tab of ["requests", "errors", "sessions"]) {
    for (const path of ["", "/events"]) {
      const at = `/tunnels/${id}${path}?tab=${tab}`;
      const { body } = await site.get(at, cookie);
      const parts = body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      // Of a live page only the first part comes by itself.
      do {
        const { value = "</html>" } = await parts?.read() ?? {};
        text += value;
      } while (path === "" && !text.includes("</html>"));
      await parts?.cancel();
      assert.equal(text.includes("of-ann.test"), tab === "requests", at);
      assert.ok(!text.includes("of-bob.test"), "the work of others");
      assert.ok(!/<h2>Sessions/.test(text), "whose addresses it has");
    }
  }
  const live = await site.get(`/tunnels/${id}/events`, cookie);
  const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader?.read())?.value ?? "", /<dd>bob<\/dd>/);
  const stop = await site.post(`/tunnels/${id}/stop`, {
    cookie,
    form: { token },
  });
  assert.equal(stop.status, 403);
  await site.accounts.organizations.add("acme");
  await site.accounts.setMembership("bob", { organization: "acme" });

  assert.equal((await site.get(`/tunnels/${id}`, cookie)).status, 404);
  const next = reader?.read();
  site.clock.advance(5000);
  assert.match(
    (await next)?.value ?? "",
    /You no longer have access to this tunnel/,
  );
  await reader?.cancel();
  assert.equal(site.registry.get(id)?.isStopping, false);
});

Deno.test("the list is narrowed by text and state", async () => {
  await using site = await Site.open();
  site.registry.create({
    owner: "ann",
    name: "shop",
    metadata: { extra: { build: "42" } },
  });
  site.tunnel("ann", "intranet");
  const cookie = await site.signIn();

  const found = await (await site.get("/?q=build%3D42", cookie)).text();
  const none = await (await site.get("/?state=stopped", cookie)).text();

  assert.match(found, /<b>shop<\/b>/);
  assert.doesNotMatch(found, /<b>intranet<\/b>/);
  assert.match(none, /No tunnel is stopped/);
});
