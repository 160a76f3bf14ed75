/**
 * What the handshake says about extensions (RFC 6455 §9.1). Of all extensions
 * we know one, permessage-deflate (RFC 7692).
 */
import type { Fields } from "../http/fields.ts";
import { isToken, trimOws } from "../http/tokens.ts";
import { protocolError } from "./errors.ts";

/** How one direction is compressed. */
export interface DeflateDirection {
  /** Whether each message is compressed by itself, without those before it. */
  readonly hasNoContext: boolean;
  /** The size of the LZ77 window as a power of 2: 8 to 15. */
  readonly windowBits: number;
}

/** How both directions are compressed. */
export interface DeflateAgreement {
  readonly fromBrowser: DeflateDirection;
  readonly fromSite: DeflateDirection;
}

const FIELD = "Sec-WebSocket-Extensions";
const DEFLATE = "permessage-deflate";

/** One extension with its parameters. */
interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [
    name: string,
    value: string | undefined,
  ])[];
  /** As it was sent. */
  readonly text: string;
}

/** Removes the offers of all extensions that we do not know from a request. */
export function keepKnownOffers(fields: Fields): void {
  const offered = fields.getList(FIELD);
  if (offered === undefined) return;
  const kept = splitOutsideQuotes(offered, ",").map(parseExtension)
    .filter((each) => each?.name === DEFLATE)
    .map((each) => each?.text);
  if (kept.length === 0) fields.delete(FIELD);
  else fields.set(FIELD, kept.join(", "));
}

/**
 * What a response has agreed on; `undefined` when nothing is compressed.
 *
 * @throws {WebSocketError} When the site uses an extension that we do not know,
 * or parameters that do not exist.
 */
export function agreedDeflate(fields: Fields): DeflateAgreement | undefined {
  const agreed = fields.getList(FIELD);
  if (agreed === undefined || trimOws(agreed) === "") return undefined;
  const [text = "", ...others] = splitOutsideQuotes(agreed, ",");
  const extension = parseExtension(text);
  if (extension?.name !== DEFLATE || others.length > 0) {
    throw protocolError("the site uses an extension that nobody has offered");
  }
  return readParameters(extension);
}

function readParameters({ parameters }: Extension): DeflateAgreement {
  const browser = { hasNoContext: false, windowBits: 15 };
  const site = { hasNoContext: false, windowBits: 15 };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) throw unusable(name);
    seen.add(name);
    const side = name.startsWith("client_") ? browser : site;
    switch (name) {
      case "client_no_context_takeover":
      case "server_no_context_takeover":
        if (value !== undefined) throw unusable(name);
        side.hasNoContext = true;
        break;
      case "client_max_window_bits":
      case "server_max_window_bits":
        side.windowBits = readWindowBits(name, value);
        break;
      default:
        throw unusable(name);
    }
  }
  return { fromBrowser: browser, fromSite: site };
}

/** A decimal number from 8 to 15 without leading zeros (RFC 7692 §7.1.2). */
function readWindowBits(name: string, value = ""): number {
  if (!/^(?:[89]|1[0-5])$/.test(value)) throw unusable(name);
  return Number(value);
}

function unusable(name: string): Error {
  return protocolError(`the site's "${name}" cannot be used`);
}

/** `undefined` when it is not an extension. */
function parseExtension(text: string): Extension | undefined {
  const [name = "", ...rest] = splitOutsideQuotes(text, ";").map(trimOws);
  if (!isToken(name)) return undefined;
  const parameters = rest.map((each): [string, string | undefined] => {
    const at = each.indexOf("=");
    if (at < 0) return [each.toLowerCase(), undefined];
    const value = trimOws(each.slice(at + 1));
    return [
      trimOws(each.slice(0, at)).toLowerCase(),
      /^"(.*)"$/.exec(value)?.[1] ?? value,
    ];
  });
  return { name: name.toLowerCase(), parameters, text: trimOws(text) };
}

/** A quoted value may have commas and semicolons; inside quotes, `\` quotes one character. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
