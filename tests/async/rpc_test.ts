import assert from "node:assert/strict";
import { RpcEndpoint, type RpcOptions } from "../../src/async/rpc.ts";

interface Functions {
  add(left: number, right: number): number;
  fail(): void;
  hang(): void;
  take(bytes: Uint8Array): void;
}

type NoFunctions = Record<never, never>;
type Server = RpcEndpoint<NoFunctions, Functions, string>;
type Client = RpcEndpoint<Functions, NoFunctions, string>;

const ERRORS = {
  encodeError: (thrown: unknown) => String(thrown),
  decodeError: (failure: string) => new Error(failure),
};

/** Two ends, and all messages that pass between them. */
function pair(
  serve: RpcOptions<Functions, string>["serve"],
  maxCalls?: number,
): {
  client: Client;
  server: Server;
  messages: unknown[];
  posts: number[];
  errors: unknown[];
} {
  const messages: unknown[] = [];
  const posts: number[] = [];
  const errors: unknown[] = [];
  const server: Server = new RpcEndpoint({
    post: (posted, transfer) =>
      deliver(posted, transfer, (data) => client.receive(data)),
    serve,
    ...maxCalls !== undefined && { maxCalls },
    ...ERRORS,
  });
  const client: Client = new RpcEndpoint({
    post: (posted, transfer) =>
      deliver(posted, transfer, (data) => server.receive(data)),
    serve: () => undefined,
    ...ERRORS,
  });
  return { client, server, messages, posts, errors };

  function deliver(
    posted: readonly (object | string)[],
    transfer: Transferable[],
    // deno-lint-ignore no-explicit-any -- what a message event carries
    receive: (data: any) => void,
  ): void {
    const data = structuredClone(posted, { transfer });
    messages.push(...data);
    posts.push(data.length);
    queueMicrotask(() => {
      try {
        receive(data);
      } catch (error) {
        errors.push(error);
      }
    });
  }
}

/** All that is posted within a turn has arrived after it. */
const turn = (): Promise<void> => new Promise((done) => setTimeout(done));

Deno.test("call() returns what the function of the other end returns, and throws what it throws", async () => {
  const { client } = pair((call) => {
    if (call.name === "add") return call.args[0] + call.args[1];
    throw new TypeError("boom");
  });

  assert.equal(await client.call("add", [1, 2]), 3);
  await assert.rejects(client.call("fail", []), { message: "TypeError: boom" });
});

Deno.test("calls that begin together cross as one list, in their order", async () => {
  const { client, messages, posts } = pair((call) =>
    call.name === "add" ? call.args[0] + call.args[1] : undefined
  );

  const sums = await Promise.all(
    [1, 2, 3].map((each) => client.call("add", [each, each])),
  );

  assert.deepEqual(sums, [2, 4, 6]);
  assert.deepEqual(posts, [3, 3]);
  assert.deepEqual(
    messages.slice(0, 3).map((message) => (message as { id: number }).id),
    [1, 2, 3],
  );
});

Deno.test("a message that cannot cross fails alone", async () => {
  const { client } = pair((call) =>
    call.name === "add" ? call.args[0] + call.args[1] : () => "no data"
  );

  const calls = [
    client.call("add", [1, 1]),
    client.call("fail", []),
    client.call("add", [Symbol() as unknown as number, 1]),
    client.call("add", [2, 2]),
  ];
  const ends = await Promise.allSettled(calls);

  assert.deepEqual(ends.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  await assert.rejects(calls[1] ?? Promise.resolve(), /DataCloneError/);
});

Deno.test("notify() leaves before its end does anything else", () => {
  const { client, messages } = pair(() => undefined);

  client.notify("fail", []);

  assert.equal(messages.length, 1);
});

Deno.test("a caller that gives up aborts the call at the other end", async () => {
  const aborted = Promise.withResolvers<unknown>();
  const { client, server } = pair((call) => {
    server.abortOnCancel(call.id, { abort: aborted.resolve });
    return new Promise(() => {});
  });
  let giveUp = (): void => {};

  const call = client.call("hang", [], {
    onAbort(listener) {
      giveUp = () => listener.cancel();
      return { [Symbol.dispose]() {} };
    },
  });
  call.catch(() => {});
  giveUp();

  const reason = await aborted.promise;
  assert.ok(reason instanceof DOMException && reason.name === "AbortError");
});

Deno.test("notify() transfers bytes, and waits for nothing", async () => {
  const taken = Promise.withResolvers<unknown>();
  const { client, messages } = pair((call) => taken.resolve(call.args[0]));
  const bytes = Uint8Array.of(1, 2);

  client.notify("take", [bytes], [bytes.buffer]);

  assert.deepEqual(await taken.promise, Uint8Array.of(1, 2));
  assert.equal(bytes.length, 0);
  assert.equal(messages.length, 1);
});

Deno.test("close() rejects calls that wait and calls to come", async () => {
  const { client } = pair(() => new Promise(() => {}));
  const call = client.call("hang", []);

  client.close(new Error("over"));

  await assert.rejects(call, { message: "over" });
  await assert.rejects(client.call("hang", []), { message: "over" });
});

Deno.test("more calls at once than an end allows are an error of the caller", async () => {
  const { client, errors } = pair(() => new Promise(() => {}), 1);

  client.call("hang", []).catch(() => {});
  assert.deepEqual(errors, []);
  client.call("hang", []).catch(() => {});
  await turn();

  assert.match(String(errors), /^RangeError: More than 1 calls at once$/);
});

Deno.test("a call that nobody waits for may fail later", async () => {
  const { client, errors } = pair(() => Promise.reject(new Error("late")));

  client.notify("fail", []);
  await turn();

  // A rejection that nobody hears would end this process.
  assert.deepEqual(errors, []);
});
