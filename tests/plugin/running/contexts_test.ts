/** What a hook is given besides its subject. */
import assert from "node:assert/strict";
import {
  AbortSign,
  CallContext,
  ConnectionCallContext,
  ExchangeCallContext,
  ResponseCallContext,
} from "../../../src/plugin/running/contexts.ts";

function setUp() {
  const lines: unknown[] = [];
  const write = (level: string) => (message: string, fields?: object) =>
    void lines.push([level, message, fields]);
  const fetches: unknown[] = [];
  let tunnel: object | undefined;
  const parts = {
    name: "mine",
    options: { a: 1 },
    log: {
      ...{ debug: write("debug"), info: write("info") },
      ...{ warn: write("warn"), error: write("error") },
    },
    fetcher: {
      forCall(call: unknown) {
        fetches.push(call);
        return () => {};
      },
    },
    tunnel: () => tunnel,
  } as unknown as ConstructorParameters<typeof CallContext>[0];
  const call = {
    signal: new AbortController().signal,
    exchange: {
      id: "7",
      user: "ann",
      job: "j1",
      original: { method: "PUT", url: "http://a.test/x?y=1" },
    },
  } as unknown as ConstructorParameters<typeof CallContext>[1];
  return {
    ...{ lines, fetches, parts, call },
    setTunnel: (facts: object) => tunnel = facts,
  };
}

function withoutRequest(call: object) {
  return { ...call, exchange: undefined } as never;
}

Deno.test("a context has name, options, signal and the tunnel as it is now", () => {
  const { parts, call, fetches, setTunnel } = setUp();
  const context = new CallContext(parts, call);
  assert.equal(context.name, "mine");
  assert.deepEqual(context.options, { a: 1 });
  assert.equal(context.signal, call.signal);
  assert.equal(context.tunnel, undefined);
  const facts = { id: "1" };
  setTunnel(facts);
  assert.equal(context.tunnel, facts);
  assert.equal(typeof context.fetch, "function");
  assert.deepEqual(fetches, [call]);
});

Deno.test("lines have the id of the request, whatever the plugin says", () => {
  const { parts, call, lines } = setUp();
  const { log } = new CallContext(parts, call);
  for (const level of ["debug", "info", "warn", "error"] as const) {
    log[level](level, { id: "forged", a: 1 });
  }
  log.info("bare");
  assert.deepEqual(lines, [
    ["debug", "debug", { id: "7", a: 1 }],
    ["info", "info", { id: "7", a: 1 }],
    ["warn", "warn", { id: "7", a: 1 }],
    ["error", "error", { id: "7", a: 1 }],
    ["info", "bare", { id: "7" }],
  ]);
});

Deno.test("a call without a request has the plain log", () => {
  const { parts, call } = setUp();
  const { log } = new CallContext(parts, withoutRequest(call));
  assert.equal(log, parts.log);
});

Deno.test("a connection has id, user and job of its request", () => {
  const { parts, call } = setUp();
  const { id, user, job } = new ConnectionCallContext(parts, call);
  assert.deepEqual([id, user, job], ["7", "ann", "j1"]);
  const bare = new ConnectionCallContext(parts, withoutRequest(call));
  assert.deepEqual([bare.id, bare.user, bare.job], ["", undefined, undefined]);
});

Deno.test("the original request is made once, with a URL to read", () => {
  const { parts, call } = setUp();
  const context = new ExchangeCallContext(parts, {} as never, call);
  const { original } = context;
  assert.equal(original.method, "PUT");
  assert.equal(original.url.searchParams.get("y"), "1");
  assert.equal(context.original, original);
});

Deno.test("the hooks of one request share a state, empty at first", () => {
  const { parts, call } = setUp();
  const exchange = {} as never;
  const first = new ExchangeCallContext(parts, exchange, call);
  assert.deepEqual(first.state, {});
  first.state["a"] = 1;
  const second = new ExchangeCallContext(parts, exchange, call);
  assert.deepEqual(second.state, { a: 1 });
  const other = new ExchangeCallContext(parts, {} as never, call);
  assert.deepEqual(other.state, {});
});

Deno.test("abort() ends the hook, also taken out of the context, and is known afterwards", () => {
  const { parts, call } = setUp();
  const context = new ExchangeCallContext(parts, {} as never, call);
  assert.equal(ExchangeCallContext.isAborted(context), false);
  const { abort } = context;
  assert.throws(() => abort(), (error) => {
    assert.ok(error instanceof AbortSign);
    assert.equal(error.name, "AbortSign");
    return true;
  });
  assert.equal(ExchangeCallContext.isAborted(context), true);
});

Deno.test("a response has the request as the plugin left it", () => {
  const { parts, call } = setUp();
  const request = {} as never;
  const context = new ResponseCallContext(
    parts,
    { exchange: {} as never, request },
    call,
  );
  assert.equal(context.request, request);
  assert.equal(context.id, "7");
});
