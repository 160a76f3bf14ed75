import { advertiseWith } from "../advertised.ts";
import assert from "node:assert/strict";
import type { KeyScope } from "../../../src/api/resources/account_types.ts";
import {
  type Accounts,
  openAccounts,
} from "../../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { createWebUi } from "../../../src/server/web/web_ui.ts";
import { ManualClock } from "../manual_clock.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The pages, where Ann is an admin, Bob a member, and Eve of another organization. */
class Site implements Disposable {
  readonly accounts: Accounts = openAccounts(":memory:", { cost: CHEAP });
  readonly #app = createWebUi({
    accounts: this.accounts,
    registry: new TunnelRegistry(),
    controller: { stop() {} },
    history: { of: () => [] },
    clock: new ManualClock(),
    version: "1.2.3",
    advertise: advertiseWith(),
  });

  static async open(): Promise<Site> {
    const site = new Site();
    await site.accounts.organizations.add("acme");
    const names = ["ann", "bob", "eve"];
    await site.accounts.bootstrap(names.map((name) => ({ name, key: name })));
    await site.accounts.setMembership("eve", { organization: "acme" });
    return site;
  }

  /** The browser of one user. */
  async signIn(user: string, key: string = user): Promise<Browser> {
    const form = { username: user, key };
    const response = await this.ask("/login", { form });
    assert.equal(response.status, 303, await response.text());
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = (path: string, form?: Record<string, string>) =>
      this.ask(path, { cookie, form });
    const text = await (await ask("/keys")).text();
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
    return {
      get: ask,
      post: (path, form = {}) => ask(path, { token, ...form }),
      forge: (path, form = {}) => ask(path, form),
    };
  }

  async ask(
    path: string,
    { cookie = "", form }: {
      readonly cookie?: string;
      readonly form?: Readonly<Record<string, string>> | undefined;
    },
  ): Promise<Response> {
    const body = form && String(new URLSearchParams(form));
    return await this.#app.request(`https://lab.test${path}`, {
      headers: {
        "Cookie": cookie,
        "Accept": "text/html",
        ...body === undefined ? {} : {
          "Content-Type": "application/x-www-form-urlencoded",
          "Content-Length": String(body.length),
        },
      },
      ...body === undefined ? {} : { method: "POST", body },
    });
  }

  [Symbol.dispose](): void {
    this.accounts[Symbol.dispose]();
  }
}

interface Browser {
  get(path: string): Promise<Response>;
  post(path: string, form?: Record<string, string>): Promise<Response>;
  /** Posts without the token of the page. */
  forge(path: string, form?: Record<string, string>): Promise<Response>;
}

Deno.test("a key is made at the page, shown once, works as its scope says, and is revoked", async () => {
  using site = await Site.open();
  const { get, post } = await site.signIn("bob");

  const form = { name: "ci", scope: "use", expires: "30" };
  const made = await (await post("/keys", form)).text();
  const [key = ""] = UUID.exec(made) ?? [];
  const verified = await site.accounts.lookUp("bob", key).verify();
  assert.deepEqual([verified?.name, verified?.scope], ["ci", "use"]);
  const page = await (await get("/keys")).text();
  assert.ok(page.includes("<b>ci</b>") && !page.includes(key));
  assert.match(
    await (await get("/keys/ci/revoke")).text(),
    /Revoke key “ci”\?/,
  );
  assert.equal(
    (await post("/keys/ci/revoke")).headers.get("location"),
    "/keys",
  );

  assert.equal(await site.accounts.lookUp("bob", key).verify(), undefined);
});

Deno.test("an admin adds, changes and removes users at the page", async () => {
  using site = await Site.open();
  const { get, post } = await site.signIn("ann");

  const made = await post("/users", {
    name: "joe",
    team: "web",
    role: "service",
  });
  const [key = ""] = UUID.exec(await made.text()) ?? [];
  assert.ok(await site.accounts.lookUp("joe", key).verify());
  await post("/users/joe/keys", {
    name: "more",
    scope: "all",
    expires: "never",
  });
  assert.equal(site.accounts.listKeys("joe").length, 2);
  const back = await post("/users/joe/keys/more/revoke");
  assert.equal(back.headers.get("location"), "/users/joe");
  await post("/users/joe", { team: "", role: "member" });
  const { role, team } = site.accounts.findUser("joe") ?? {};
  assert.deepEqual([role, team], ["member", undefined]);
  assert.match(await (await get("/users")).text(), /href="\/users\/joe"/);
  await post("/users/joe/remove");

  assert.equal(site.accounts.hasUser("joe"), false);
  const log = await (await get("/audit?user=joe")).text();
  for (
    const words of ["added the user", "revoked the key", "removed the user"]
  ) {
    assert.ok(log.includes(words), words);
  }
  assert.ok(!log.includes(key));
});

Deno.test("pages of admins are for admins, and show nothing of another organization", async () => {
  using site = await Site.open();
  const bob = await site.signIn("bob");
  const ann = await site.signIn("ann");

  assert.ok(!(await (await bob.get("/")).text()).includes('href="/users"'));
  assert.match(
    await (await ann.get("/")).text(),
    /href="\/users".*[^]*href="\/audit"/,
  );
  for (const path of ["/users", "/users/ann", "/users/ann/remove", "/audit"]) {
    assert.equal((await bob.get(path)).status, 403, path);
  }
  assert.equal((await bob.post("/users", { name: "joe" })).status, 403);
  assert.equal((await bob.post("/users/ann/remove")).status, 403);
  assert.ok(!(await (await ann.get("/users")).text()).includes("eve"));
  for (const path of ["/users/eve", "/users/eve/remove"]) {
    assert.equal((await ann.get(path)).status, 404, path);
  }
  assert.equal((await ann.post("/users/eve/remove")).status, 404);
  assert.equal((await ann.post("/users/eve/keys/default/revoke")).status, 404);
  assert.ok(site.accounts.hasUser("eve") && site.accounts.hasUser("ann"));
});

Deno.test("no form does anything without the token of its page", async () => {
  using site = await Site.open();
  const { forge } = await site.signIn("ann");

  for (
    const [path, form] of [
      ["/keys", { name: "x", scope: "all" }],
      ["/keys/default/revoke", {}],
      ["/users", { name: "joe" }],
      ["/users/bob", { role: "admin" }],
      ["/users/bob/remove", {}],
      ["/users/bob/keys/default/revoke", {}],
    ] as const
  ) {
    assert.equal((await forge(path, form)).status, 403, path);
  }

  assert.deepEqual(
    site.accounts.listUsers("default").map(({ name, role }) =>
      `${name} ${role}`
    ),
    ["ann admin", "bob member"],
  );
  assert.ok(site.accounts.findKey("bob", "default"));
  assert.equal(site.accounts.listKeys("ann").length, 1);
});

Deno.test("every empty page shows a command to start with", async () => {
  using site = await Site.open();
  await site.accounts.removeUser("bob");
  const { get } = await site.signIn("ann");
  const textOf = async (path: string) => await (await get(path)).text();

  assert.match(
    await textOf("/keys"),
    /sallyport key create ann ci --scope start/,
  );
  assert.match(await textOf("/users"), /sallyport user add NAME --org default/);
  assert.match(
    await textOf("/audit?user=nobody"),
    /No entry about “nobody”/,
  );
});

Deno.test("the session of a page ends with the key it was begun with", async () => {
  using site = await Site.open();
  const key = await site.accounts.addKey("bob", { name: "laptop" });
  const { get } = await site.signIn("bob", key);
  const other = await site.signIn("bob");
  assert.equal((await get("/")).status, 200);

  await site.accounts.revokeKey("bob", "laptop");

  assert.equal((await get("/")).status, 303);
  assert.equal((await other.get("/")).status, 200);
});

Deno.test("the session of a page ends with its key, also when there is a new one of the same name", async () => {
  using site = await Site.open();
  const key = await site.accounts.addKey("bob", { name: "laptop" });
  const { get } = await site.signIn("bob", key);
  assert.equal((await get("/")).status, 200);

  await site.accounts.revokeKey("bob", "laptop");
  await site.accounts.addKey("bob", { name: "laptop" });

  assert.equal((await get("/")).status, 303);
});

Deno.test("a session with a read key sees pages and changes nothing", async () => {
  using site = await Site.open();
  const key = await site.accounts.addKey("ann", { name: "r", scope: "read" });
  const { get, post } = await site.signIn("ann", key);

  assert.equal((await get("/users")).status, 200);
  assert.equal((await post("/users/bob/remove")).status, 403);
  assert.equal((await post("/keys", { name: "x" })).status, 403);

  assert.ok(site.accounts.hasUser("bob"));
});

for (const scope of ["start", "use"] as const satisfies readonly KeyScope[]) {
  Deno.test(`a key of scope ${scope} does not sign in, and the form says so`, async () => {
    using site = await Site.open();
    const key = await site.accounts.addKey("ann", { name: "k", scope });

    const form = { username: "ann", key };
    const response = await site.ask("/login", { form });

    assert.equal(response.status, 403);
    assert.match(await response.text(), new RegExp(`the scope “${scope}”`));
  });
}

Deno.test("a service account does not sign in, and one that was made of a person is out", async () => {
  using site = await Site.open();
  const { get } = await site.signIn("bob");
  await site.accounts.setMembership("bob", { role: "service" });

  assert.equal((await get("/")).status, 303);
  const form = { username: "bob", key: "bob" };
  const response = await site.ask("/login", { form });
  assert.equal(response.status, 403);
  assert.match(await response.text(), /Service accounts cannot sign in/);
});

Deno.test("signing in is written down, with key and without secret", async () => {
  using site = await Site.open();
  await site.signIn("bob");

  const [row] = await site.accounts.audit.read({ limit: 1 });

  assert.deepEqual([row?.action, row?.by.user, row?.by.key], [
    "signed_in",
    "bob",
    "default",
  ]);
});

Deno.test("the audit log has every change by the page with user and key, and what the operator does", async () => {
  using site = await Site.open();
  const { get, post } = await site.signIn("ann");
  await post("/users", { name: "joe", role: "member" });
  await post("/users/joe", { role: "team-admin", team: "web" });
  await post("/users/joe/keys/default/revoke");
  await post("/users/joe/remove");
  await post("/keys", { name: "ci", scope: "use" });
  await post("/keys/ci/revoke");
  await site.accounts.organizations.limit("default", 3);

  const rows = (await site.accounts.audit.read({ limit: 7 })).toReversed();

  assert.deepEqual(
    rows.map(({ by, action }) => `${by.user}/${by.key} ${action}`),
    [
      "ann/default user_added",
      "ann/default user_changed",
      "ann/default key_revoked",
      "ann/default user_removed",
      "ann/default key_created",
      "ann/default key_revoked",
      "(operator)/ organization_changed",
    ],
  );
  const page = await (await get("/audit")).text();
  assert.match(
    page,
    /changed the organization<\/td><td [^>]*>default<\/td><td [^>]*>max-tunnels none → 3/,
  );
});

Deno.test("the audit log is read back in pages", async () => {
  using site = await Site.open();
  const { get } = await site.signIn("ann");
  for (let count = 0; count < 120; count += 1) {
    await site.accounts.setMembership("bob", { role: "member" });
  }

  const first = await (await get("/audit?user=bob")).text();
  const older = /href="(\/audit\?user=bob&amp;before=\d+)"/.exec(first)?.[1];
  assert.ok(older);
  const second = await (await get(older.replace("&amp;", "&"))).text();

  assert.equal(first.split("changed the user").length - 1, 100);
  assert.equal(second.split("changed the user").length - 1, 20);
  assert.ok(!second.includes("Older"));
});
