// Reads the certificates and keys of a configuration, in PEM.
import { fileURLToPath } from "node:url";

import { ConfigError } from "../errors.ts";
import { readBounded } from "../sources/read_bounded.ts";

const EMBEDDED = /^data:[^,]*base64,(.*)$/s;

/** The kinds of PEM text (RFC 7468), with their names. */
const KINDS = {
  "CERTIFICATE": "certificate",
  "PRIVATE KEY": "private key",
} as const;

/**
 * Reads PEM text from a path, a `file:` URL, or `data:base64,…` itself.
 *
 * @param kind What it must contain; private keys may use any algorithm.
 * @throws {ConfigError} `badFile`.
 */
export async function readPem(
  source: string,
  kind: keyof typeof KINDS = "CERTIFICATE",
): Promise<string> {
  const name = KINDS[kind];
  const embedded = EMBEDDED.exec(source)?.[1];
  const text = embedded === undefined
    ? await readBounded(pathOf(source), `${name} file`)
    : decode(embedded);
  if (new RegExp(`-----BEGIN ([A-Z]+ )?${kind}-----`).test(text)) return text;
  throw new ConfigError(
    "badFile",
    `Cannot read a ${name} from ${nameOfPem(source)}: it contains none, ` +
      "use the PEM format",
  );
}

/** A source of `readPem()` as messages name it. */
export function nameOfPem(source: string): string {
  return EMBEDDED.test(source) ? "the data: value" : `"${source}"`;
}

function pathOf(source: string): string {
  return source.startsWith("file:") ? fileURLToPath(source) : source;
}

/** Invalid base64 gives an empty text, which is reported as missing PEM. */
function decode(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}
