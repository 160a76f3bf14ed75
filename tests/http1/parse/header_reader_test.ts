/** Where a header section ends, and what is refused before it has ended. */
import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import {
  HeaderSectionEnd,
  readHeaderSection,
} from "../../../src/http1/parse/header_reader.ts";
import { bytesOf } from "../../testing/byte_scanner.ts";

/** A connection on which one piece after the other arrives. */
function arriving(...pieces: readonly string[]): BufferedReader {
  const left = pieces.map(bytesOf);
  return new BufferedReader({
    read(into) {
      const piece = left.shift();
      if (piece !== undefined) into.set(piece);
      return Promise.resolve(piece?.byteLength ?? null);
    },
  });
}

/** What is read, as text, and how often it was not all there yet. */
async function read(
  reader: BufferedReader,
  maxHeaderBytes?: number,
): Promise<readonly [text: string | undefined, partial: number]> {
  let partial = 0;
  const bytes = await readHeaderSection(reader, {
    ...maxHeaderBytes === undefined ? {} : { maxHeaderBytes },
    onPartial: () => partial++,
  });
  return [bytes && new TextDecoder().decode(bytes), partial];
}

const FIRST = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
const SECOND = "GET /2 HTTP/1.1\r\n\r\n";

Deno.test("readHeaderSection() gives one section after the other, and then nothing", async () => {
  const reader = arriving(FIRST + SECOND);

  assert.deepEqual(await read(reader), [FIRST, 0]);
  assert.deepEqual(await read(reader), [SECOND, 0]);
  assert.deepEqual(await read(reader), [undefined, 0]);
});

Deno.test("readHeaderSection() says that a section has begun and is not whole", async () => {
  for (let at = 1; at < FIRST.length; at++) {
    const reader = arriving(FIRST.slice(0, at), FIRST.slice(at) + SECOND);

    assert.deepEqual(await read(reader), [FIRST, 1], `${at}`);
    assert.deepEqual(await read(reader), [SECOND, 0], `${at}`);
  }
  assert.deepEqual(await read(arriving(...FIRST)), [FIRST, FIRST.length - 1]);
  for (let at = 1; at < FIRST.length; at++) {
    const reader = arriving(SECOND + FIRST.slice(0, at), FIRST.slice(at));

    assert.deepEqual(await read(reader), [SECOND, 0], `${at}`);
    assert.deepEqual(await read(reader), [FIRST, 1], `${at}`);
  }
});

Deno.test("readHeaderSection() skips one empty line, in whatever pieces it comes", async () => {
  for (
    const pieces of [[`\r\n${FIRST}`], ["\r\n", FIRST], ["\r", `\n${FIRST}`]]
  ) {
    const [text, partial] = await read(arriving(...pieces));

    assert.equal(text, FIRST);
    assert.ok(partial > 0, "its sender has begun");
  }
  assert.equal((await read(arriving("\r\n")))[0], undefined);
  assert.equal((await read(arriving("\r")))[0], undefined);
});

for (
  const [pieces, code, message] of [
    [["\r\n\r\n"], "malformed", /it begins with/],
    [["\rX"], "malformed", /a CR stands alone/],
    [["\x16"], "malformed", /it is TLS/],
    [["GET / HTTP/1.1\n"], "malformed", /line 1 ends without CR/],
    [["G / HTTP/1.1\r\nA: b\n"], "malformed", /line 2 ends without CR/],
    [["G / HTTP/1.1\r\n", "A: b\r\nC: d\n"], "malformed", /line 3 ends/],
    [["GET / HTTP/1.1\r\n\n"], "malformed", /line 2 ends without CR/],
    [["GET / HTTP/1.1\r\n"], "cutShort", /./],
  ] as const
) {
  Deno.test(`readHeaderSection() refuses ${JSON.stringify(pieces)}`, async () => {
    await assert.rejects(read(arriving(...pieces)), { code, message });
  });
}

/** A first line, with its end, and a section of so many bytes. */
function sectionOf(line: number, all: number): string {
  const first = `GET /${"a".repeat(line - 16)} HTTP/1.1\r\n`;
  return `${first}A: ${"b".repeat(all - line - 7)}\r\n\r\n`;
}

Deno.test("readHeaderSection() takes as many bytes as its limit, half of them in the first line, in whatever pieces they come", async () => {
  for (
    const [line, all, code] of [
      [50, 100, undefined],
      [51, 100, "targetTooLong"],
      [20, 100, undefined],
      [20, 101, "headersTooLarge"],
    ] as const
  ) {
    const section = sectionOf(line, all);
    assert.equal(section.length, all);
    for (const at of [1, 30, 49, 50, 51, 60, all - 1, all]) {
      const reading = read(
        arriving(section.slice(0, at), section.slice(at)),
        100,
      );

      if (code !== undefined) await assert.rejects(reading, { code });
      else assert.equal((await reading)[0], section, `${line} ${all} ${at}`);

      // Behind another one, the limit is the same.
      const second = arriving(SECOND + section.slice(0, at), section.slice(at));
      await read(second);
      const next = read(second, 100);
      if (code !== undefined) await assert.rejects(next, { code });
      else assert.equal((await next)[0], section, `${line} ${all} ${at}`);
    }
  }
});

Deno.test("readHeaderSection() refuses a first line that does not end, as soon as it is too long", async () => {
  await assert.rejects(read(arriving("G".repeat(51)), 100), {
    code: "targetTooLong",
    message: /its start line is over 50 bytes/,
  });
  await assert.rejects(read(arriving("G".repeat(50)), 100), {
    code: "cutShort",
  });
  await assert.rejects(read(arriving(sectionOf(20, 200).slice(0, 101)), 100), {
    code: "headersTooLarge",
    message: /its header section is over 100 bytes/,
  });
});

Deno.test("HeaderSectionEnd examines each byte once, in whatever pieces they come", () => {
  const scan = new HeaderSectionEnd();
  const bytes = bytesOf(FIRST);

  for (let end = 1; end < bytes.length; end++) {
    assert.equal(scan.find(bytes, 0, end), undefined);
    // A byte that is examined again is refused: its line ends without CR.
    if (end > 1) bytes[end - 2] = 0x0a;
  }

  assert.equal(scan.find(bytes, 0, bytes.length), bytes.length);
});

Deno.test("HeaderSectionEnd begins where the section does", () => {
  const before = "xyz";
  const bytes = bytesOf(before + FIRST);
  for (let end = before.length; end < bytes.length; end++) {
    const scan = new HeaderSectionEnd();

    assert.equal(scan.find(bytes, before.length, end), undefined);
    assert.equal(
      scan.find(bytes, before.length, bytes.length),
      FIRST.length,
      `${end}`,
    );
  }
});

Deno.test("HeaderSectionEnd finds the end of a section without a first line, as trailers may be", () => {
  const find = (text: string) =>
    new HeaderSectionEnd().find(bytesOf(text), 0, text.length);

  assert.equal(find("\r\n"), 2);
  assert.equal(find("X\r\n"), undefined);
  assert.equal(find("X\r\n\r\n"), 5);
  assert.throws(() => find("\nX\r\n\r\n"), { code: "malformed" });
});
