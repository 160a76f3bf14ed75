import { type HostTable, parseHosts } from "../../net/names/hosts_file.ts";
import { ConfigError } from "../errors.ts";
import { readBounded } from "../sources/read_bounded.ts";

/**
 * Reads the hosts file at `path`.
 *
 * @throws {ConfigError} `badFile`, with the line.
 */
export async function readHosts(path: string): Promise<HostTable> {
  const text = await readBounded(path, "hosts file");
  try {
    return parseHosts(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ConfigError(
      "badFile",
      `Cannot read the hosts file "${path}": ${cause.message}, ` +
        "write an IP address and its names",
      { cause },
    );
  }
}
