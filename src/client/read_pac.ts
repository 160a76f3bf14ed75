import { fileURLToPath } from "node:url";
import { fetchText } from "./rest/fetch_text.ts";
import { ConfigError } from "../config/errors.ts";
import { readBounded } from "../config/sources/read_bounded.ts";
import { createConnect } from "../net/dial/connect.ts";
import { createDial } from "../net/dial/dial.ts";
import { firstAnswer, systemResolver } from "../net/names/resolver.ts";

/** Real scripts have a few hundred KB at most. */
const MAX_STDIN_BYTES: number = 4 * 1024 * 1024;
const DATA = /^data:(?<base64>[^,]*base64)?[^,]*,(?<text>.*)$/s;

/**
 * Reads a PAC script from a path, a `file:`, `http:` or `https:` URL, `data:` with
 * the script itself, or `-` for standard input.
 *
 * @param caCerts CA certificates in PEM to trust besides the system's.
 * @throws {ConfigError} `badFile`.
 */
export async function readPac(
  source: string,
  caCerts: readonly string[],
): Promise<string> {
  if (source === "-") return await readStdin();
  if (source.startsWith("data:")) return readData(source);
  if (/^https?:/.test(source)) return await readUrl(source, caCerts);
  const path = source.startsWith("file:") ? fileURLToPath(source) : source;
  return await readBounded(path, "PAC file");
}

async function readUrl(
  source: string,
  caCerts: readonly string[],
): Promise<string> {
  const { origin, pathname, search } = new URL(source);
  const dial = createDial({ resolve: firstAnswer(systemResolver) });
  let reason: string;
  try {
    const { status, text } = await fetchText({
      origin,
      method: "GET",
      path: pathname + search,
      fields: [],
      json: undefined,
      connect: createConnect({ dial, caCerts, owner: "other" }),
      signal: new AbortController().signal,
    });
    if (status === 200) return text;
    reason = `the status of the response is ${status}`;
  } catch (cause) {
    reason = cause instanceof Error ? cause.message : String(cause);
  }
  throw new ConfigError(
    "badFile",
    `Cannot read the PAC script at "${source}": ${reason}`,
  );
}

function readData(source: string): string {
  const { base64, text = "" } = DATA.exec(source)?.groups ?? {};
  try {
    if (base64 === undefined) return decodeURIComponent(text);
    return new TextDecoder().decode(Uint8Array.fromBase64(text));
  } catch {
    throw new ConfigError(
      "badFile",
      "Cannot read the PAC script from the data: value: invalid base64, " +
        "use data:base64,...",
    );
  }
}

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of Deno.stdin.readable) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_STDIN_BYTES) {
      throw new ConfigError(
        "badFile",
        "Cannot read the PAC script from standard input: it is larger than 4 MiB",
      );
    }
  }
  return text + decoder.decode();
}
