/**
 * Reading a file that the user named.
 *
 * @module
 */
import { systemReason } from "../../log/system_reason.ts";
import { ConfigError } from "../errors.ts";

/** More than any configuration or bundle of certificates needs: a wrong path stops here. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * The text of the file at `path`.
 *
 * @param kind What it is, for the message.
 * @throws {ConfigError} `badFile`.
 */
export async function readBounded(path: string, kind: string): Promise<string> {
  let reason: string;
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (!isDirectory && size <= MAX_FILE_BYTES) {
      return await Deno.readTextFile(path);
    }
    reason = isDirectory ? "it is a directory" : "it is larger than 4 MiB";
  } catch (cause) {
    reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : systemReason(cause);
  }
  throw new ConfigError(
    "badFile",
    `Cannot read the ${kind} "${path}": ${reason}`,
  );
}
