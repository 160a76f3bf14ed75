import assert from "node:assert/strict";

import { type LogTarget, LogWriter } from "../../src/log/log_writer.ts";

/** A target that keeps what is written, `chunk` bytes at a time. */
class MemoryTarget implements LogTarget {
  text = "";
  writes = 0;
  isClosed = false;
  /** What writes wait for. */
  gate: Promise<void> = Promise.resolve();
  readonly #decoder = new TextDecoder();
  readonly #chunk: number;

  constructor(chunk = Infinity) {
    this.#chunk = chunk;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    await this.gate;
    assert(!this.isClosed);
    const taken = bytes.subarray(0, this.#chunk);
    this.text += this.#decoder.decode(taken, { stream: true });
    return taken.byteLength;
  }

  close(): void {
    this.isClosed = true;
  }
}

const dropped = (count: number) => `dropped ${count}\n`;

Deno.test("LogWriter writes everything before it is disposed, in order", async () => {
  const target = new MemoryTarget(3);

  {
    await using writer = new LogWriter(() => target, dropped);
    for (let n = 0; n < 50; n++) writer.write(`line ${n} é\n`);
  }

  const lines = Array.from({ length: 50 }, (_, n) => `line ${n} é\n`);
  assert.equal(target.text, lines.join(""));
  assert(target.isClosed);
});

Deno.test("LogWriter writes lines that queued in one go", async () => {
  const target = new MemoryTarget();
  await using writer = new LogWriter(() => target, dropped);

  for (let n = 0; n < 1000; n++) writer.write("line\n");
  await writer.flush();

  assert.equal(target.writes, 1);
});

Deno.test("LogWriter.reopen() loses no line and closes the old target", async () => {
  const targets: MemoryTarget[] = [];
  const open = () =>
    targets[targets.push(new MemoryTarget()) - 1] ?? assert.fail();
  await using writer = new LogWriter(open, dropped);

  writer.write("before\n");
  await writer.flush();
  writer.reopen();
  writer.write("after\n");
  await writer.flush();

  assert.deepEqual(targets.map(({ text }) => text), ["before\n", "after\n"]);
  assert.deepEqual(targets.map(({ isClosed }) => isClosed), [true, false]);
});

Deno.test("LogWriter.reopen() keeps the old target if it cannot open a new one", async () => {
  const target = new MemoryTarget();
  let opened = 0;
  const open = () => {
    if (opened++ > 0) throw new Deno.errors.NotFound("gone");
    return target;
  };
  await using writer = new LogWriter(open, dropped);

  writer.reopen();
  writer.write("line\n");
  await writer.flush();

  assert.equal(target.text, "line\n");
});

Deno.test("LogWriter counts the lines that it drops while nobody reads", async () => {
  const target = new MemoryTarget();
  const gate = Promise.withResolvers<void>();
  target.gate = gate.promise;
  await using writer = new LogWriter(() => target, dropped);
  const line = `${"x".repeat(1024 * 1024 - 1)}\n`;

  for (let n = 0; n < 10; n++) writer.write(line);
  gate.resolve();
  await writer.flush();

  assert.equal(target.text, `${line.repeat(8)}dropped 2\n`);
  assert.equal(writer.dropped, 2);
});

Deno.test("LogWriter goes on after a write that failed, and tells", async () => {
  const target = new MemoryTarget();
  await using writer = new LogWriter(() => target, dropped);

  target.gate = Promise.reject(new Error("No space left on device"));
  writer.write("lost\n");
  await writer.flush();
  target.gate = Promise.resolve();
  writer.write("kept\n");
  await writer.flush();

  assert.equal(target.text, "kept\ndropped 1\n");
  assert.equal(writer.dropped, 1);
});
