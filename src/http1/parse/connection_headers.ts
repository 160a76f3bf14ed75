import type { Fields } from "../../http/fields.ts";

/** The lengths of the names: most fields are skipped by length alone. */
const LENGTHS: ReadonlySet<number> = new Set([
  "host",
  "expect",
  "upgrade",
  "connection",
  "content-length",
  "transfer-encoding",
].map((name) => name.length));

/**
 * The fields about framing and connection. Lines of one name are joined with a
 * comma (RFC 9110 §5.3).
 */
export interface ConnectionHeaders {
  readonly host: string | undefined;
  /** How many `Host` lines there are. */
  readonly hostLines: number;
  readonly contentLength: string | undefined;
  readonly transferEncoding: string | undefined;
  readonly connection: string | undefined;
  readonly upgrade: string | undefined;
  readonly expect: string | undefined;
}

/** Finds these fields in one pass. */
export function connectionHeaders(fields: Fields): ConnectionHeaders {
  const { flat } = fields;
  let host: string | undefined;
  let hostLines = 0;
  let contentLength: string | undefined;
  let transferEncoding: string | undefined;
  let connection: string | undefined;
  let upgrade: string | undefined;
  let expect: string | undefined;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? "";
    if (!LENGTHS.has(name.length)) continue;
    const value = flat[at + 1] ?? "";
    switch (name.toLowerCase()) {
      case "host":
        host = value;
        hostLines++;
        break;
      case "content-length":
        contentLength = joined(contentLength, value);
        break;
      case "transfer-encoding":
        transferEncoding = joined(transferEncoding, value);
        break;
      case "connection":
        connection = joined(connection, value);
        break;
      case "upgrade":
        upgrade = joined(upgrade, value);
        break;
      case "expect":
        expect = joined(expect, value);
    }
  }
  return {
    host,
    hostLines,
    contentLength,
    transferEncoding,
    connection,
    upgrade,
    expect,
  };
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
