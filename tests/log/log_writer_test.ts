import assert from "node:assert/strict";

import { ManualClock } from "../server/manual_clock.ts";
import { until, within } from "../testing/deadline.ts";
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

  for (let n = 0; n < 8; n++) writer.write(line);
  await writer.flush();
  assert.equal(writer.dropped, 2, "no more than before");
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

/** A file on a disk with room for `room` bytes. */
class SmallDisk implements LogTarget {
  bytes: number[] = [];
  room: number;
  takeBack: ((count: number) => Promise<void>) | undefined = (count) => {
    this.bytes.length -= count;
    return Promise.resolve();
  };

  constructor(room: number) {
    this.room = room;
  }

  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.bytes));
  }

  write(bytes: Uint8Array): Promise<number> {
    const taken = bytes.subarray(0, this.room - this.bytes.length);
    if (taken.byteLength === 0) {
      return Promise.reject(new Error("No space left on device (os error 28)"));
    }
    this.bytes.push(...taken);
    return Promise.resolve(taken.byteLength);
  }

  close(): void {}
}

for (let room = 0; room <= 18; room++) {
  Deno.test(`LogWriter leaves whole lines in a file with room for ${room} bytes, and counts the others`, async () => {
    const clock = new ManualClock();
    const disk = new SmallDisk(room);
    const failures: unknown[] = [];
    await using writer = new LogWriter(() => disk, dropped, {
      onFailure: (cause) => failures.push(cause),
      clock,
    });

    for (const line of ["one\n", "zwei é\n", "three\n"]) writer.write(line);
    await writer.flush();

    // In bytes: 4, 8, 6.
    const whole = room < 4 ? 0 : room < 12 ? 1 : room < 18 ? 2 : 3;
    const lines = ["one\n", "zwei é\n", "three\n"].slice(0, whole);
    assert.equal(disk.text, lines.join(""));
    assert.equal(writer.dropped, 3 - whole);
    assert.equal(failures.length, whole === 3 ? 0 : 1);

    disk.room = 1000;
    clock.advance(5_000);
    writer.write("after\n");
    await writer.flush();

    assert.equal(writer.failure, undefined);
    const told = whole === 3 ? "" : `dropped ${3 - whole}\n`;
    assert.equal(disk.text, `${lines.join("")}after\n${told}`);
  });
}

for (
  const [what, takeBack] of [
    ["cannot take it back", undefined],
    ["fails to take it back", () => Promise.reject(new Error("No"))],
  ] as const
) {
  Deno.test(`LogWriter ends a half line where the target ${what}`, async () => {
    const disk = new SmallDisk(6);
    disk.takeBack = takeBack;
    await using writer = new LogWriter(() => disk, dropped);

    for (const line of ["one\n", "two\n", "three\n"]) writer.write(line);
    await writer.flush();
    assert.equal(disk.text, "one\ntw");
    writer.write("four\n");
    await writer.flush();
    disk.room = 1000;
    writer.write("five\n");
    await writer.flush();

    assert.equal(disk.text, "one\ntwo\nfive\ndropped 2\n");
  });
}

Deno.test("LogWriter does not begin a new file with the rest of a line", async () => {
  const disks = [new SmallDisk(7), new SmallDisk(1000)];
  for (const disk of disks) disk.takeBack = undefined;
  let opened = 0;
  const open = () => disks[opened++] ?? assert.fail();
  await using writer = new LogWriter(open, dropped);
  writer.write("one\n");
  writer.write("two\n");
  await writer.flush();

  writer.reopen();
  writer.write("three\n");
  await writer.flush();

  assert.equal(disks[1]?.text, "three\ndropped 1\n");
});

Deno.test("LogWriter ends though its reader has stopped", async () => {
  const target = new MemoryTarget();
  const gate = Promise.withResolvers<void>();
  target.gate = gate.promise;
  const clock = new ManualClock();
  const writer = new LogWriter(() => target, dropped, { clock });

  writer.write("line\n");
  const ended = writer[Symbol.asyncDispose]();
  clock.advance(999);
  await quiet();
  assert.equal(target.isClosed, false);
  clock.advance(1);
  await within(ended, "the end of the log");

  assert(target.isClosed);
  assert.equal(clock.pending, 0);
  writer.write("late\n");
  assert.equal(target.writes, 1);
  gate.resolve();
  await writer.flush();
  assert.equal(target.writes, 1);
});

Deno.test("LogWriter waits at its end for a reader that is only slow", async () => {
  const target = new MemoryTarget();
  const reads = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const line = `${"x".repeat(64 * 1024 - 1)}\n`;
  let turn = 0;
  target.gate = reads[0]?.promise ?? assert.fail();
  const writer = new LogWriter(() => target, dropped, {
    clock: new ManualClock(),
  });
  for (let n = 0; n < 3; n++) writer.write(line);

  const ended = writer[Symbol.asyncDispose]();
  for (const read of reads) {
    await until("the next write", () => target.writes > turn);
    target.gate = reads[++turn]?.promise ?? Promise.resolve();
    read.resolve();
  }
  await within(ended, "the end of the log");

  assert.equal(target.text.length, 3 * line.length);
});

Deno.test("LogWriter tells once of a disk on which some lines still fit", async () => {
  const clock = new ManualClock();
  const disk = new SmallDisk(10);
  const failures: unknown[] = [];
  await using writer = new LogWriter(() => disk, dropped, {
    onFailure: (cause) => failures.push(cause),
    clock,
  });

  for (let n = 0; n < 20; n++) {
    writer.write(n % 2 === 0 ? "too long for the disk\n" : "s\n");
    await writer.flush();
    disk.bytes.length = 0;
    clock.advance(2_499);
  }

  assert.equal(failures.length, 1);
  assert(writer.failure instanceof Error);
  assert(writer.dropped >= 10);
});

/** A reader that takes one line whenever the test says so. */
class LineReader extends MemoryTarget {
  #reads: (() => void)[] = [];

  constructor() {
    super(2);
    this.gate = this.#next();
  }

  /** Takes one of the lines that wait. */
  async read(): Promise<void> {
    await quiet();
    const [read] = this.#reads.splice(0);
    this.gate = this.#next();
    read?.();
    await quiet();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#reads.push(resolve));
  }
}

/** Lets everything happen that waits for nothing else. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("LogWriter waits longer than its patience while the reader takes some, but not for ever", async () => {
  const clock = new ManualClock();
  const reader = new LineReader();
  const writer = new LogWriter(() => reader, dropped, { clock });
  for (let n = 0; n < 9; n++) writer.write(`${n}\n`);
  let hasEnded = false;
  const ended = writer[Symbol.asyncDispose]().then(() => hasEnded = true);

  for (let waits = 1; waits < 5; waits++) {
    await reader.read();
    clock.advance(1_000);
    await quiet();
    assert.equal(hasEnded, false, `after ${waits} s`);
  }
  await reader.read();
  clock.advance(1_000);
  await within(ended, "the end of the log");

  assert.equal(reader.text, "0\n1\n2\n3\n4\n");
  assert(reader.isClosed);
  // The write that it has begun.
  reader.isClosed = false;
  await reader.read();
  await writer.flush();
});

Deno.test("LogWriter ends as soon as all is written", async () => {
  const clock = new ManualClock();
  const target = new MemoryTarget();
  const writer = new LogWriter(() => target, dropped, { clock });

  writer.write("line\n");
  await within(writer[Symbol.asyncDispose](), "the end of the log");

  assert.equal(target.text, "line\n");
  assert.equal(clock.pending, 0);
});

Deno.test("LogWriter.reopen() needs no line to change the file", async () => {
  const targets: MemoryTarget[] = [];
  const open = () =>
    targets[targets.push(new MemoryTarget()) - 1] ?? assert.fail();
  await using writer = new LogWriter(open, dropped);

  writer.reopen();
  await writer.flush();

  assert.deepEqual(targets.map(({ isClosed }) => isClosed), [true, false]);
});
