// Reads a secret that has a file of its own.
import { ConfigError } from "../errors.ts";
import { readBounded } from "../sources/read_bounded.ts";

/**
 * The text of a file, without the line break that editors leave at its end.
 *
 * @param what What the file is, for messages.
 * @throws {ConfigError} `badFile`, also when it is empty.
 */
export async function readSecret(path: string, what: string): Promise<string> {
  const text = await readBounded(path, what);
  const secret = text.trim();
  if (secret !== "") return secret;
  throw new ConfigError(
    "badFile",
    `Cannot read the ${what} "${path}": it is empty, write the secret into it`,
  );
}
