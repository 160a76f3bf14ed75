/* The result of a PAC script: proxies to try, in order. */
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../net/address/upstream_proxy.ts";

/** A proxy, or a direct connection. */
export type PacChoice = UpstreamProxy | "direct";

/** Entries of one result that are tried. More would take minutes when none responds. */
const MAX_CHOICES = 10;

const SCHEMES: ReadonlyMap<string, string> = new Map([
  ["PROXY", "http"],
  ["HTTP", "http"],
  ["HTTPS", "https"],
  ["SOCKS", "socks5"],
  ["SOCKS5", "socks5"],
]);

/** Default ports, for entries without one. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  http: "80",
  https: "443",
  socks5: "1080",
};

/**
 * Parses `PROXY a:8080; SOCKS b; DIRECT`. An empty result is DIRECT. Unknown
 * entries are skipped, and so is SOCKS 4.
 *
 * @throws {SyntaxError} When no entry can be used.
 */
export function parsePacResult(text: string): readonly PacChoice[] {
  const entries = text.split(";").map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length === 0) return ["direct"];
  const choices = entries.map(choiceOf).filter((each) => each !== undefined);
  if (choices.length > 0) return choices.slice(0, MAX_CHOICES);
  throw new SyntaxError(
    `Cannot use the result of the PAC "${text}": expected DIRECT, PROXY, HTTPS or SOCKS host:port`,
  );
}

function choiceOf(entry: string): PacChoice | undefined {
  const [word = "", place, ...more] = entry.split(/\s+/);
  if (word.toUpperCase() === "DIRECT") return "direct";
  const scheme = SCHEMES.get(word.toUpperCase());
  if (scheme === undefined || place === undefined || more.length > 0) {
    return undefined;
  }
  // As in browsers: international names are written in ASCII.
  if (/[^\x21-\x7e]/.test(place)) return undefined;
  try {
    const hasPort = /:\d+$/.test(place) && !/^[^[]*:.*:/.test(place);
    const port = hasPort ? "" : `:${DEFAULT_PORTS[scheme]}`;
    return parseUpstreamProxy(`${scheme}://${place}${port}`);
  } catch {
    // One of several entries may be invalid.
    return undefined;
  }
}
