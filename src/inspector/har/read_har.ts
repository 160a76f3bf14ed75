/** Reads HAR 1.2 files: of the inspector, of browsers and of other proxies. */

/** A recorded request and its response. */
export interface HarExchange {
  readonly method: string;
  /** `http:` or `https:`. */
  readonly url: URL;
  /** Names and values, alternating, without those of one connection. */
  readonly fields: readonly string[];
  readonly content: string | undefined;
  /** `undefined` for a request that got none. */
  readonly response: HarResponse | undefined;
}

/** A recorded response. */
export interface HarResponse {
  /** 200 to 999. */
  readonly status: number;
  readonly fields: readonly string[];
  /** Not compressed any more. */
  readonly content: Uint8Array;
}

/** Fields that are about a connection, or about how the content was sent. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads the requests of a file, in order. Entries that are not requests over
 * HTTP are left out: `data:`, `wss:`, CONNECT.
 *
 * @throws {SyntaxError} When it is not a HAR file.
 */
export function readHar(text: string): readonly HarExchange[] {
  const entries = part(part(parsed(text), "log"), "entries");
  if (!Array.isArray(entries)) {
    throw new SyntaxError("it has no log.entries, expected a HAR file");
  }
  return entries.flatMap((entry) => exchangeOf(entry) ?? []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new SyntaxError("it is not JSON", { cause });
  }
}

function exchangeOf(entry: unknown): HarExchange | undefined {
  const request = part(entry, "request");
  const url = URL.parse(String(part(request, "url")));
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined;
  const content = part(part(request, "postData"), "text");
  const method = String(part(request, "method") ?? "GET");
  if (method === "CONNECT") return undefined;
  return {
    method,
    url,
    fields: fieldsOf(request),
    content: typeof content === "string" ? content : undefined,
    response: responseOf(part(entry, "response")),
  };
}

function responseOf(response: unknown): HarResponse | undefined {
  const status = Number(part(response, "status"));
  if (!(status >= 200 && status <= 999)) return undefined;
  const content = part(response, "content");
  const text = part(content, "text");
  const isBase64 = part(content, "encoding") === "base64";
  return {
    status,
    fields: fieldsOf(response),
    content: bytesOf(typeof text === "string" ? text : "", isBase64),
  };
}

function bytesOf(text: string, isBase64: boolean): Uint8Array {
  try {
    if (isBase64) return Uint8Array.fromBase64(text);
  } catch {
    // Some recorders say so of content that is plain text.
  }
  return new TextEncoder().encode(text);
}

function fieldsOf(message: unknown): readonly string[] {
  const headers = part(message, "headers");
  if (!Array.isArray(headers)) return [];
  return headers.flatMap((header) => {
    const name = String(part(header, "name"));
    // HTTP/2 has fields such as `:path`.
    if (name.startsWith(":") || NOT_KEPT.has(name.toLowerCase())) return [];
    return [name, String(part(header, "value") ?? "")];
  });
}

function part(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
