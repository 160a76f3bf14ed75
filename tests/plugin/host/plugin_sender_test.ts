/** @module */
import assert from "node:assert/strict";
import type {
  Body,
  ExchangeContext,
  ProxyRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { PluginSender } from "../../../src/plugin/host/plugin_sender.ts";
import type {
  FetchData,
  FetchedResponse,
  FetchOutcome,
} from "../../../src/plugin/running/fetch_data.ts";
import { within } from "../../testing/deadline.ts";
import { NEVER } from "../exchanges.ts";

const GET: FetchData = {
  method: "GET",
  url: "http://a.test/",
  headers: [],
  body: undefined,
};

/** Content that never ends, and knows whether it was given up. */
class Endless implements Body {
  readonly length = undefined;
  readonly trailers = undefined;
  isCancelled = false;
  readonly #cancelled = Promise.withResolvers<void>();

  /** Resolves when it is given up. */
  get cancelled(): Promise<void> {
    return within(this.#cancelled.promise, "content to be given up");
  }

  read(into: Uint8Array): Promise<number | null> {
    return Promise.resolve(into.length);
  }

  cancel(): void {
    this.isCancelled = true;
    this.#cancelled.resolve();
  }
}

/** A sender whose site answers with endless content. */
class World implements Disposable {
  readonly #stop = new AbortController();
  readonly asked: ProxyRequest[] = [];
  readonly contexts: ExchangeContext[] = [];
  readonly bodies: Endless[] = [];
  readonly sender: PluginSender;

  constructor({ idleTimeout }: { readonly idleTimeout?: number } = {}) {
    this.sender = new PluginSender({
      ...{ name: "ask", rule: "ask" },
      permissions: "trusted",
      idleTimeout,
      way: {
        handler: (request, context) => {
          this.asked.push(request);
          this.contexts.push(context);
          const body = new Endless();
          this.bodies.push(body);
          const fields = new Fields();
          return Promise.resolve({
            ...{ kind: "response", status: 200, fields, body },
          });
        },
        explain: () => ({ reason: "none", message: "none" }),
      },
    });
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** Sends a request, and gives the response. */
  async response(
    data: FetchData = GET,
    signal: AbortSignal = this.#stop.signal,
  ): Promise<FetchedResponse> {
    const outcome = await this.sender.send(data, signal, "1");
    assert.equal(outcome.kind, "response");
    return outcome as FetchedResponse;
  }
}

/** Forged data: what types forbid, but a worker may send. */
const FORGED: readonly unknown[] = [
  { ...GET, method: "CONNECT" },
  { ...GET, method: "GET / HTTP/1.1\r\nX:" },
  { ...GET, method: 1 },
  { ...GET, url: "file:///etc/passwd" },
  { ...GET, url: "a.test" },
  { ...GET, url: { href: "http://a.test/" } },
  { ...GET, headers: ["X", "1\r\nY: 2"] },
  { ...GET, headers: ["X Y", "1"] },
  { ...GET, headers: ["X"] },
  { ...GET, headers: [["X", "1"]] },
  { ...GET, headers: "X" },
  { ...GET, body: "text" },
  { ...GET, body: { length: 1 } },
];

Deno.test("send() refuses what is not a request, and sends nothing", async () => {
  using world = new World();

  for (const data of FORGED) {
    const outcome: FetchOutcome = await world.sender.send(
      data as FetchData,
      NEVER,
      undefined,
    );

    assert.deepEqual(outcome, {
      kind: "failure",
      reason: "bad_request",
      message: "it is not a request",
    }, JSON.stringify(data));
  }
  assert.deepEqual(world.asked, []);
});

Deno.test("send() sets the fields of the connection itself, and names the plugin", async () => {
  using world = new World();
  const body = new Uint8Array(3);

  await world.response({
    ...GET,
    method: "POST",
    url: "https://a.test:8443/x?y#z",
    headers: [
      ...["X-Own", "1", "Content-Length", "99", "Transfer-Encoding", "chunked"],
      ...["Connection", "close", "Accept-Encoding", "zstd", "Expect", "x"],
    ],
    body,
  });

  const [request] = world.asked;
  assert.ok(request?.kind === "request");
  const { method, scheme, authority, path, fields } = request;
  assert.deepEqual([method, scheme, authority, path], [
    ...["POST", "https", "a.test:8443", "/x?y"],
  ]);
  assert.deepEqual([...fields], [
    ["X-Own", "1"],
    ["Accept-Encoding", "gzip, deflate, br"],
    ["Content-Length", "3"],
  ]);
  assert.equal(world.contexts[0]?.ofPlugin, "ask");
  assert.equal(world.contexts[0]?.id, "1");
});

Deno.test("a plugin that ignores its limit gets no more than 64 responses at once", async () => {
  using world = new World();
  const first = await world.response();
  for (let count = 1; count < 64; count++) await world.response();

  const refused = await world.sender.send(GET, NEVER, undefined);
  await first.body?.cancel();
  await world.response();

  assert.equal(refused.kind, "failure");
  assert.equal(world.asked.length, 65);
  assert.deepEqual(
    world.bodies.filter(({ isCancelled }) => isCancelled).length,
    1,
  );
});

Deno.test("content that a plugin does not read is given up, and its place is free", async () => {
  using world = new World({ idleTimeout: 1 });
  const responses: FetchedResponse[] = [];
  for (let count = 0; count < 64; count++) {
    responses.push(await world.response());
  }
  await Promise.all(world.bodies.map(({ cancelled }) => cancelled));

  await assert.rejects(async () => await responses[0]?.body?.pull(), {
    message: "the plugin did not read for 1 ms",
  });
  const last = await world.response();
  await last.body?.cancel();
});

Deno.test("content ends with the signal of its request", async () => {
  using world = new World();
  const stop = new AbortController();
  const { body } = await world.response(GET, stop.signal);

  stop.abort();

  assert.equal(world.bodies[0]?.isCancelled, true);
  assert.equal(await body?.pull(), undefined);
});

Deno.test("content is not read twice at once", async () => {
  using world = new World();
  const { body } = await world.response();

  const first = body?.pull();
  await assert.rejects(async () => await body?.pull(), {
    message: "it is read twice at once",
  });

  assert.equal((await first)?.length, 65_536);
  await body?.cancel();
});
