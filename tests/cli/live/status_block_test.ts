import assert from "node:assert/strict";

import {
  type Screen,
  StatusBlock,
} from "../../../src/cli/live/status_block.ts";

/** A terminal that understands what the block writes, and nothing else. */
class FakeTerminal implements Screen {
  #rows: string[] = [""];

  constructor(readonly width: number = 40) {}

  columns(): number {
    return this.width;
  }

  /** Takes a few bytes at a time, as a slow one does. */
  write(bytes: Uint8Array): Promise<number> {
    const piece = bytes.subarray(0, 4096);
    for (
      const part of new TextDecoder().decode(piece)
        // deno-lint-ignore no-control-regex -- they are what it looks for
        .split(/(\r\x1b\[\d+A\x1b\[J|\x1b\[\d*m|\n)/)
    ) this.#take(part);
    return Promise.resolve(piece.byteLength);
  }

  get text(): string {
    return this.#rows.join("\n");
  }

  #take(part: string): void {
    if (part === "\n") this.#rows.push("");
    else if (part.startsWith("\r")) {
      const up = Number(/\d+/.exec(part)?.[0]);
      this.#rows = this.#rows.slice(0, this.#rows.length - 1 - up);
      this.#rows.push("");
    } else if (!part.startsWith("\x1b")) {
      const row = (this.#rows.pop() ?? "") + part;
      assert.ok(row.length <= this.width, `too wide: ${row}`);
      this.#rows.push(row);
    }
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("the block stays below the log, however much is logged", async () => {
  const terminal = new FakeTerminal();
  const block = new StatusBlock(terminal);
  await block.write(bytesOf("one\n"));
  block.show(["state", "numbers"]);
  await block.write(bytesOf("two\nthree\n"));

  assert.equal(terminal.text, "one\ntwo\nthree\nstate\nnumbers\n");
  await block[Symbol.asyncDispose]();
});

Deno.test("a block with fewer lines leaves none behind", async () => {
  const terminal = new FakeTerminal();
  const block = new StatusBlock(terminal);
  block.show(["a", "b", "c"]);
  await block.write(bytesOf("log\n"));
  block.show(["d"]);
  await block.write(bytesOf("more\n"));

  assert.equal(terminal.text, "log\nmore\nd\n");
  await block[Symbol.asyncDispose]();
});

Deno.test("when it is over only the log is left, and what is logged after that", async () => {
  const terminal = new FakeTerminal();
  const block = new StatusBlock(terminal);
  block.show(["state"]);
  await block.write(bytesOf("one\n"));
  await block[Symbol.asyncDispose]();
  block.show(["late"]);
  await block.write(bytesOf("two\n"));

  assert.equal(terminal.text, "one\ntwo\n");
});

Deno.test("lines are cut at the width of the terminal, colours do not count", async () => {
  const terminal = new FakeTerminal(10);
  const block = new StatusBlock(terminal);
  block.show(["\x1b[32mready\x1b[m for a long time"]);
  await block.write(new Uint8Array());

  assert.equal(terminal.text, "ready for\n");
  await block[Symbol.asyncDispose]();
});

Deno.test("nothing in a line moves the cursor or turns text round, but colours", async () => {
  const terminal = new FakeTerminal(60);
  const block = new StatusBlock(terminal);
  block.show(["\x1b[32mready\x1b[m a\u202eb\x1b[2Jc\u009bd\u200be\n"]);
  await block.write(new Uint8Array());

  assert.equal(
    terminal.text,
    "ready a\\u202eb\\u001b[2Jc\\u009bd\\u200be\\u000a\n",
  );
  await block[Symbol.asyncDispose]();
});

Deno.test("a terminal that takes nothing holds up nobody who shows something", async () => {
  let written = 0;
  const { promise, resolve } = Promise.withResolvers<number>();
  const block = new StatusBlock({
    columns: () => 40,
    write: (bytes) => {
      written += 1;
      return written === 1 ? promise : Promise.resolve(bytes.byteLength);
    },
  });
  const logged = block.write(bytesOf("log\n"));
  for (let times = 0; times < 1_000; times += 1) block.show([`${times}`]);
  resolve(4);
  await logged;

  assert.ok(written < 1_000, `${written} writes`);
  await block[Symbol.asyncDispose]();
});

Deno.test("a terminal that cannot say its width gets every line of the log, and no block", async () => {
  const terminal = new FakeTerminal();
  let isKnown = true;
  const block = new StatusBlock({
    columns() {
      if (isKnown) return terminal.columns();
      throw new Deno.errors.NotSupported("not a console");
    },
    write: (bytes) => terminal.write(bytes),
  });
  block.show(["state"]);
  await block.write(bytesOf("one\n"));
  assert.equal(terminal.text, "one\nstate\n");

  isKnown = false;
  block.show(["state"]);
  await block.write(bytesOf("two\n"));
  assert.equal(terminal.text, "one\ntwo\n");
  await block[Symbol.asyncDispose]();
});
