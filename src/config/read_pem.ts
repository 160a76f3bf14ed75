/**
 * Certificates that the user named, as PEM text.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

import { ConfigError } from "./errors.ts";
import { readBounded } from "./read_bounded.ts";

const EMBEDDED = /^data:[^,]*base64,(.*)$/s;

/**
 * Reads certificates from a path, a `file:` URL, or `data:base64,…` itself.
 *
 * @throws {ConfigError} `badFile`.
 */
export async function readPem(source: string): Promise<string> {
  const embedded = EMBEDDED.exec(source)?.[1];
  const text = embedded === undefined
    ? await readBounded(pathOf(source), "certificate file")
    : decode(embedded);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  const name = embedded === undefined ? `"${source}"` : "the data: value";
  throw new ConfigError(
    "badFile",
    `Cannot read certificates from ${name}: there are none in it, ` +
      "give text in PEM",
  );
}

function pathOf(source: string): string {
  return source.startsWith("file:") ? fileURLToPath(source) : source;
}

/** What is not base64 holds no certificate either, and is reported as that. */
function decode(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}
