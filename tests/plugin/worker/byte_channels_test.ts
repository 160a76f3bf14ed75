import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import type { ByteSource } from "../../../src/plugin/results/outcomes.ts";
import {
  ByteChannels,
  type ChannelCall,
} from "../../../src/plugin/worker/byte_channels.ts";
import {
  fromErrorData,
  toErrorData,
} from "../../../src/plugin/worker/error_data.ts";
import { within } from "../../testing/deadline.ts";

const ERRORS = {
  encodeError: (thrown: unknown) => toErrorData(thrown, "p"),
  decodeError: fromErrorData,
};

/** Two ends, and the calls that pass from the first to the second. */
function pair(copies = false): {
  sender: ByteChannels;
  receiver: ByteChannels;
  calls: ChannelCall[];
} {
  const calls: ChannelCall[] = [];
  const deliver = (
    end: () => ByteChannels,
    call: ChannelCall,
    transfer: Transferable[],
  ): void => {
    const data = structuredClone(call, { transfer });
    queueMicrotask(() => end().serve(data));
  };
  const sender: ByteChannels = new ByteChannels({
    post: (call, transfer) => {
      calls.push({ ...call });
      deliver(() => receiver, call, transfer);
    },
    ...{ ...ERRORS, copies },
  });
  const receiver: ByteChannels = new ByteChannels({
    post: (call, transfer) => deliver(() => sender, call, transfer),
    ...{ ...ERRORS, copies },
  });
  return { sender, receiver, calls };
}

/** A source of so many chunks, which counts. */
function chunks(count: number, size: number): ByteSource & {
  pulled: number;
  isCancelled: boolean;
} {
  return {
    pulled: 0,
    isCancelled: false,
    pull() {
      if (this.pulled === count) return undefined;
      this.pulled += 1;
      return new Uint8Array(size).fill(this.pulled);
    },
    cancel() {
      this.isCancelled = true;
    },
  };
}

async function drained(source: ByteSource): Promise<number> {
  let length = 0;
  for (;;) {
    const chunk = await within(
      Promise.resolve(source.pull()),
      "the next chunk",
    );
    if (chunk === undefined) return length;
    length += chunk.length;
  }
}

Deno.test("a channel carries all bytes, and several chunks are in flight", async () => {
  const { sender, receiver, calls } = pair();
  const source = chunks(100, 70_000);

  const incoming = receiver.receive(sender.send(() => source));
  assert.equal(source.pulled, 0);
  const first = await incoming.pull();
  const ahead = source.pulled;
  const rest = await drained(incoming);

  assert.equal((first?.length ?? 0) + rest, 7_000_000);
  assert.ok(ahead > 1 && ahead < 10, `${ahead} ahead`);
  assert.equal(calls.at(-1)?.name, "end");
});

Deno.test("a channel of single bytes stops when nobody reads, after few messages", async () => {
  const { sender, receiver, calls } = pair();
  const source = chunks(1_000_000, 1);

  const incoming = receiver.receive(sender.send(() => source));
  await incoming.pull();
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { length } = calls;
  incoming.cancel();
  await new Promise((resolve) => setImmediate(resolve));

  assert.ok(length <= 129, `${length} messages`);
  assert.ok(source.isCancelled);
});

Deno.test("bytes that are still in use are copied, a piece of a buffer goes alone", async () => {
  const { sender, receiver } = pair(true);
  const own = Uint8Array.of(1, 2, 3, 4);
  const given = [own.subarray(1, 3), own.subarray(1, 3)];
  const source = { pull: () => given.shift(), cancel() {} };

  const incoming = receiver.receive(sender.send(() => source));
  const [first, second] = [await incoming.pull(), await incoming.pull()];

  assert.deepEqual([first, second], [Uint8Array.of(2, 3), Uint8Array.of(2, 3)]);
  assert.equal(first?.buffer.byteLength, 2);
  assert.deepEqual(own, Uint8Array.of(1, 2, 3, 4));
});

Deno.test("a source that fails, an end that closes, and a channel that is withdrawn fail the reader", async () => {
  const { sender, receiver } = pair();
  const failing = receiver.receive(sender.send(() => ({
    pull: () => Promise.reject(new PluginError("threw", "oh", { plugin: "p" })),
    cancel() {},
  })));
  await assert.rejects(async () => await failing.pull(), { message: "oh" });

  const silent = { pull: () => new Promise<undefined>(() => {}), cancel() {} };
  const channel = sender.send(() => silent);
  const withdrawn = receiver.receive(channel);
  const waiting = withdrawn.pull();
  await new Promise((resolve) => setImmediate(resolve));
  sender.withdraw(channel);
  await assert.rejects(async () => await waiting, /The hook has ended/);

  const open = receiver.receive(sender.send(() => silent));
  const lost = open.pull();
  receiver.close(new PluginError("stopped", "gone", { plugin: "p" }));
  await assert.rejects(async () => await lost, { message: "gone" });
  const later = receiver.receive(99);
  await assert.rejects(async () => await later.pull(), { message: "gone" });
});

const shared = new Uint8Array(new SharedArrayBuffer(8));

Deno.test("an end that breaks the rules is found out", async () => {
  const { sender, receiver } = pair();
  const channel = sender.send(() => chunks(1, 1));
  const incoming = receiver.receive(7);
  const waiting = incoming.pull();
  const forged = (name: string, ...args: unknown[]) => (): void =>
    receiver.serve({ name, args } as unknown as ChannelCall);

  for (
    const bytes of [
      ...[new Uint8Array(), shared, new Uint8Array(512 * 1024 + 1)],
      ...["text", undefined, [1, 2], new DataView(new ArrayBuffer(8))],
    ]
  ) {
    assert.throws(forged("chunk", 7, bytes), TypeError);
  }
  for (const bytes of [0, -1, 1.5, NaN, "1", 512 * 1024 + 1, undefined]) {
    assert.throws(
      () => sender.serve({ name: "want", args: [channel, bytes as number] }),
      TypeError,
    );
  }
  // Channels that are not there are those that have just ended.
  forged("chunk", 8, new Uint8Array(1))();
  forged("stop", {})();
  forged("chunk", 7, new Uint8Array(1))();

  assert.equal((await waiting)?.length, 1);
});
