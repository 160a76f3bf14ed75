/** The inspector's pages without a browser: who may see and do what. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import type { Handler, ProxyRequest } from "../../src/http/exchange.ts";
import { createInspector } from "../../src/inspector/inspector.ts";
import {
  answerText,
  contextOf,
  requestOf,
  responseOf,
} from "../plugin/exchanges.ts";

const ORIGIN = "http://127.0.0.1:8032";

class World implements AsyncDisposable {
  readonly requests: ProxyRequest[] = [];
  readonly #inspector: ReturnType<typeof createInspector>;
  readonly #app: Hono = new Hono();

  constructor(
    {
      handler = () => Promise.resolve(responseOf("hello")),
      isGuarded = true,
    }: {
      readonly handler?: Handler;
      readonly isGuarded?: boolean;
    } = {},
  ) {
    this.#inspector = createInspector((request, context) => {
      this.requests.push(request);
      return handler(request, context);
    }, {
      version: "1.2.3",
      hostNames: isGuarded ? ["build-7"] : undefined,
    });
    this.#app.get("/", (context) => context.text("status"));
    this.#app.route("/inspector", this.#inspector.app);
  }

  /** Sends a request through what is recorded. */
  async pass(url: string, id = "1"): Promise<void> {
    const context = { ...contextOf(), id };
    const response = await this.#inspector.handler(requestOf(url), context);
    await answerText(response);
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return await this.#app.request(new Request(ORIGIN + path, init));
  }

  async text(path: string): Promise<string> {
    return await (await this.fetch(path)).text();
  }

  /** The token that the page's forms carry. */
  async token(): Promise<string> {
    const page = await this.text("/inspector");
    return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? assert.fail();
  }

  async post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const text = String(new URLSearchParams(form));
    return await this.fetch(path, {
      method: "POST",
      body: text,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": String(text.length),
        ...headers,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inspector[Symbol.asyncDispose]();
  }
}

const HOSTS: readonly (readonly [string, number])[] = [
  ["127.0.0.1:8032", 200],
  ["[::1]:8032", 200],
  ["10.0.0.7:8032", 200],
  ["localhost:8032", 200],
  ["lab.localhost", 200],
  ["Build-7:8032", 200],
  ["evil.test:8032", 403],
  ["127.0.0.1.evil.test", 403],
  ["", 403],
];

for (const [host, status] of HOSTS) {
  Deno.test(`under the name "${host}" the pages respond with ${status}`, async () => {
    await using world = new World();
    await world.pass("http://a.test/");

    for (const path of ["", "/events", "/exchanges/1", "/export.har"]) {
      const response = await world.fetch(`/inspector${path}`, {
        headers: { Host: host },
      });
      await response.body?.cancel();
      assert.equal(response.status, status, path);
    }
  });
}

Deno.test("with credentials required, any host name is allowed", async () => {
  await using world = new World({ isGuarded: false });

  const { status } = await world.fetch("/inspector", {
    headers: { Host: "client.internal:8032" },
  });

  assert.equal(status, 200);
});

Deno.test("pages load nothing inline, nothing from other sites, and cannot be framed", async () => {
  await using world = new World();

  const response = await world.fetch("/inspector");
  const page = await response.text();

  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'.*script-src 'self'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.doesNotMatch(page, /<script>|style="|onclick/);
  for (const [, path = ""] of page.matchAll(/(?:src|href)="([^"#]+)"/g)) {
    const { status } = await world.fetch(path);
    assert.equal(status, 200, path);
  }
});

Deno.test("what sites and browsers say is escaped", async () => {
  await using world = new World({
    handler: () =>
      Promise.resolve(
        responseOf("<script>alert(1)</script>", {
          fields: ["Content-Type", "text/html", "X-<b>", "<i>"],
        }),
      ),
  });
  await world.pass("http://a.test/?q=%22'<script>alert(2)</script>");

  for (const path of ["/inspector", "/inspector/exchanges/1"]) {
    assert.doesNotMatch(await world.text(path), /<script>alert|<b>|<i>/);
  }
});

Deno.test("forms of other pages change nothing", async () => {
  await using world = new World();
  await world.pass("http://a.test/");
  const token = await world.token();
  const crossSite = { "Sec-Fetch-Site": "cross-site" };

  for (const path of ["/inspector/clear", "/inspector/exchanges/1/replay"]) {
    const form = { method: "GET", url: "http://a.test/", fields: "" };
    const without = await world.post(path, form);
    const wrong = await world.post(path, { ...form, token: "guess" });
    const foreign = await world.post(path, { ...form, token }, crossSite);

    assert.deepEqual(
      [without.status, wrong.status, foreign.status],
      [403, 403, 403],
    );
  }
  assert.equal(world.requests.length, 1);
  assert.match(await world.text("/inspector"), /1 request</);
});

Deno.test("Clear lets go of everything", async () => {
  await using world = new World();
  await world.pass("http://a.test/");

  const { status, headers } = await world.post("/inspector/clear", {
    token: await world.token(),
  });

  assert.deepEqual([status, headers.get("location")], [303, "/inspector"]);
  assert.match(await world.text("/inspector"), /No requests yet/);
  assert.equal((await world.fetch("/inspector/exchanges/1")).status, 404);
});

Deno.test("a replay is recorded as one, and leads to where it came from", async () => {
  await using world = new World();
  await world.pass("http://a.test/");

  const { status, headers } = await world.post(
    "/inspector/exchanges/1/replay",
    {
      token: await world.token(),
      method: "GET",
      url: "http://a.test/again",
      fields: "",
    },
  );

  assert.equal(status, 303);
  const path = headers.get("location") ?? "";
  assert.equal(path, "/inspector/exchanges/replay-1");
  assert.match(await world.text(path), /Replay of[^]*exchanges\/1"/);
  assert.equal(world.requests.length, 2);
});

Deno.test("running replays are bounded, and end with the inspector", async () => {
  let ended = 0;
  const world = new World({
    handler: (request, { signal }) => {
      const isFirst = request.kind === "request" && request.path === "/";
      if (isFirst) return Promise.resolve(responseOf("a"));
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended += 1;
          reject(signal.reason);
        });
      });
    },
  });
  await world.pass("http://a.test/");
  const form = {
    token: await world.token(),
    method: "GET",
    url: "http://a.test/never",
    fields: "",
  };
  const statuses: number[] = [];
  for (let at = 0; at < 17; at++) {
    const { status } = await world.post("/inspector/exchanges/1/replay", form);
    statuses.push(status);
  }

  await world[Symbol.asyncDispose]();

  assert.deepEqual(statuses, [...Array(16).fill(303), 503]);
  assert.equal(ended, 16);
});

Deno.test("a form that is too long is refused before it is read", async () => {
  await using world = new World();
  await world.pass("http://a.test/");

  const { status } = await world.post(
    "/inspector/exchanges/1/replay",
    {},
    { "Content-Length": "10000000" },
  );

  assert.equal(status, 413);
});

Deno.test("hidden values cannot be searched for", async () => {
  await using world = new World();
  await world.pass("http://a.test/?token=s3cr3t");

  assert.match(await world.text("/inspector?q=s3cr3t"), /0 of 1 request</);
  assert.match(await world.text("/inspector?q=token"), /1 request</);
});
