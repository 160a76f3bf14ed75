import { decodeUserText, Utf16Error } from "../../platform/text.ts";
import { systemReason } from "../../log/system_reason.ts";
import { ConfigError } from "../errors.ts";

/** No configuration and no bundle of certificates is larger. The bound catches wrong paths. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a text file that a user configured.
 *
 * @param kind The kind of file, for the message.
 * @param maxBytes The largest file that is read.
 * @throws {ConfigError} `badFile`.
 */
export async function readBounded(
  path: string,
  kind: string,
  maxBytes: number = MAX_FILE_BYTES,
): Promise<string> {
  return await readWithin({ path, kind, maxBytes }, readUserText);
}

/**
 * Reads a file of any bytes that a user configured.
 *
 * @param kind The kind of file, for the message.
 * @throws {ConfigError} `badFile`.
 */
export async function readBytes(
  path: string,
  kind: string,
): Promise<Uint8Array> {
  const maxBytes = MAX_FILE_BYTES;
  return await readWithin({ path, kind, maxBytes }, Deno.readFile);
}

async function readWithin<Content>(
  { path, kind, maxBytes }: {
    readonly path: string;
    readonly kind: string;
    readonly maxBytes: number;
  },
  read: (path: string) => Promise<Content>,
): Promise<Content> {
  let reason: string;
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (!isDirectory && size <= maxBytes) {
      return await read(path);
    }
    reason = isDirectory
      ? "it is a directory"
      : `it is larger than ${maxBytes / 2 ** 20} MiB`;
  } catch (cause) {
    reason = cause instanceof Deno.errors.NotFound
      ? "no such file"
      : cause instanceof Utf16Error
      ? cause.message
      : systemReason(cause);
  }
  throw new ConfigError(
    "badFile",
    `Cannot read the ${kind} "${path}": ${reason}`,
  );
}

async function readUserText(path: string): Promise<string> {
  return decodeUserText(await Deno.readFile(path));
}
