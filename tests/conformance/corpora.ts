/**
 * Test data of others. It stands in `../shared/corpora/` beside a checkout, with
 * its licences, and none of it is part of the project. A test that reads it is
 * ignored, and says why, where the folder is absent.
 *
 * @module
 */
import { textOf } from "../testing/byte_scanner.ts";

const FOLDER = new URL("../../../shared/corpora/", import.meta.url);

/** Bytes of a header, and what each file is filled up to (POSIX ustar). */
const BLOCK = 512;

/** An archive of test data. */
export interface Corpus {
  /** What a test adds to its definition: `Deno.test({ ...corpus.needed, … })`. */
  readonly needed: { readonly ignore: boolean };
  /** The text of every file whose path has `pattern`, by path. */
  read(pattern: RegExp): Promise<ReadonlyMap<string, string>>;
}

/** The archive `name` of the folder; says so where it is not there. */
export function corpus(name: string): Corpus {
  const path = new URL(name, FOLDER);
  const isThere = exists(path);
  if (!isThere) {
    // deno-lint-ignore no-console -- the reason belongs beside "ignored"
    console.info(
      `Without ../shared/corpora/${name} some tests are ignored; ` +
        "put the archive there",
    );
  }
  return {
    needed: { ignore: !isThere },
    read: (pattern) => readArchive(path, pattern),
  };
}

async function readArchive(
  path: URL,
  pattern: RegExp,
): Promise<ReadonlyMap<string, string>> {
  const packed = new Blob([await Deno.readFile(path)]).stream();
  const bytes = await new Response(
    packed.pipeThrough(new DecompressionStream("gzip")),
  ).bytes();
  const files = new Map<string, string>();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const name = textAt(bytes, at, 100);
    const size = parseInt(textAt(bytes, at + 124, 12), 8);
    const start = at + BLOCK;
    if (pattern.test(name)) {
      const content = bytes.subarray(start, start + size);
      files.set(name, new TextDecoder().decode(content));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** The text of a field of a header: it ends with NUL or a space. */
function textAt(bytes: Uint8Array, start: number, length: number): string {
  return textOf(bytes.subarray(start, start + length)).split("\0", 1)[0] ?? "";
}

function exists(path: URL): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not ours to see: the tests are ignored.
    return false;
  }
}
