import assert from "node:assert/strict";
import type {
  Body,
  ExchangeContext,
  PlainRequest,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { copy } from "../../../src/net/stream/copy.ts";
import type { ByteWriter } from "../../../src/net/stream/byte_stream.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { limitUploads } from "../../../src/server/proxy/limit_uploads.ts";
import { within } from "../../testing/deadline.ts";

const OK: ProxyResponse = {
  kind: "response",
  status: 200,
  fields: new Fields(),
  body: undefined,
};

/** Content of three bytes, of which the last ones come when the test says so. */
class HeldBody implements Body {
  readonly length = 3;
  readonly trailers: Fields = new Fields(["x-end", "1"]);
  readonly cancelled: unknown[] = [];
  readonly #more = Promise.withResolvers<void>();
  #sent = 0;

  release(): void {
    this.#more.resolve();
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#sent === 3) return null;
    if (this.#sent === 1) await this.#more.promise;
    into[0] = ++this.#sent;
    return 1;
  }

  cancel(reason?: unknown): void {
    this.cancelled.push(reason);
  }
}

/** The same, which writes itself. */
class HeldWriterBody extends HeldBody {
  async writeTo(sink: ByteWriter): Promise<number> {
    const into = new Uint8Array(1);
    while (await this.read(into) !== null) await sink.write(into);
    return 3;
  }
}

const SHAPES = [
  ["is read", HeldBody],
  ["writes itself", HeldWriterBody],
] as const;

function requestWith(body: Body | undefined): PlainRequest {
  return {
    kind: "request",
    method: "POST",
    authority: "shop.test",
    scheme: "http",
    path: "/",
    fields: new Fields(),
    body,
  };
}

function contextWith(signal: AbortSignal): ExchangeContext {
  return { id: "1", signal, inform() {} };
}

const NEVER = new AbortController().signal;

/** Takes all content, until its context is aborted. */
async function take(
  { body }: PlainRequest,
  { signal }: ExchangeContext,
): Promise<number[]> {
  const taken: number[] = [];
  const sink = {
    write: (bytes: Uint8Array) => {
      taken.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason));
  await Promise.race([copy(sink, body ?? assert.fail()), aborted.promise]);
  return taken;
}

for (const [how, Shape] of SHAPES) {
  Deno.test(`limitUploads() ends content that stops and ${how}`, async () => {
    const body = new Shape();
    const handler = limitUploads(async (request, context) => {
      assert(request.kind === "request");
      await take(request, context);
      return OK;
    }, { closed: undefined, timeout: 20 });

    await assert.rejects(
      within(
        handler(requestWith(body), contextWith(NEVER)),
        "the end of the upload",
      ),
      (error) =>
        error instanceof ProxyError && error.code === "requestTimeout" &&
        error.status === 408,
    );
    assert.equal(body.cancelled.length, 1);
    body.release();
  });

  Deno.test(`limitUploads() passes content that ${how}`, async () => {
    const body = new Shape();
    body.release();
    let seen: unknown;
    const handler = limitUploads(async (request, context) => {
      assert(request.kind === "request" && request.body !== undefined);
      const { length, trailers } = request.body;
      const bytes = await take(request, context);
      seen = { length, trailers: trailers?.flat, bytes };
      request.body.cancel("not wanted");
      return OK;
    }, { closed: undefined, timeout: 600_000 });

    assert.equal(
      await handler(requestWith(body), contextWith(NEVER)),
      OK,
    );
    assert.deepEqual(seen, {
      length: 3,
      trailers: ["x-end", "1"],
      bytes: [1, 2, 3],
    });
    assert.deepEqual(body.cancelled, ["not wanted"]);
  });

  Deno.test(`limitUploads() leaves content alone that ${how}, once there is a response`, async () => {
    const body = new Shape();
    let taking: Promise<number[]> | undefined;
    const handler = limitUploads((request, context) => {
      assert(request.kind === "request");
      taking = take(request, context);
      return Promise.resolve(OK);
    }, { closed: undefined, timeout: 10 });

    await handler(requestWith(body), contextWith(NEVER));
    await new Promise((done) => setTimeout(done, 100));
    body.release();

    assert.deepEqual(await taking, [1, 2, 3]);
    assert.deepEqual(body.cancelled, []);
  });

  Deno.test(`limitUploads() waits for ever for a taker, of content that ${how}`, async () => {
    const body = new Shape();
    body.release();
    const handler = limitUploads(async (request) => {
      assert(request.kind === "request");
      const slow = {
        write: async (bytes: Uint8Array) => {
          await new Promise((done) => setTimeout(done, 50));
          return bytes.length;
        },
      };
      await copy(slow, request.body ?? assert.fail());
      return OK;
    }, { closed: undefined, timeout: 10 });

    assert.equal(await handler(requestWith(body), contextWith(NEVER)), OK);
    assert.deepEqual(body.cancelled, []);
  });
}

Deno.test("limitUploads() aborts an upload whose connection is closed, or whose exchange ends", async () => {
  for (const which of ["closed", "exchange"]) {
    const closed = new AbortController();
    const exchange = new AbortController();
    const body = new HeldBody();
    const handler = limitUploads(async (request, context) => {
      assert(request.kind === "request");
      await take(request, context);
      return OK;
    }, { closed: closed.signal, timeout: 600_000 });

    const handled = handler(requestWith(body), contextWith(exchange.signal));
    const reason = new Error(which);
    (which === "closed" ? closed : exchange).abort(reason);

    await assert.rejects(handled, (error) => error === reason);
    body.release();
  }
});

Deno.test("limitUploads() passes failures and requests without content as they are", async () => {
  const failure = new Error("the site is gone");
  const failing = limitUploads(() => Promise.reject(failure), {
    closed: NEVER,
    timeout: 10,
  });
  const body = new HeldBody();
  body.release();

  await assert.rejects(
    failing(requestWith(body), contextWith(NEVER)),
    (error) => error === failure,
  );
  const request = requestWith(undefined);
  const context = contextWith(NEVER);
  const seen: unknown[] = [];
  const handler = limitUploads((...given) => {
    seen.push(...given);
    return Promise.resolve(OK);
  }, { closed: NEVER, timeout: 10 });
  await handler(request, context);
  assert(seen[0] === request && seen[1] === context);
});
