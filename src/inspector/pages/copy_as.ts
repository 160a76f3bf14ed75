/** A recorded request as code, without its secrets. */
import { hideInField } from "../../log/http_message.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { readableBody } from "../record/readable_body.ts";

/** A request as one of several tools writes it. */
export interface CopiedRequest {
  readonly tool: "curl" | "fetch" | "Playwright";
  readonly code: string;
}

interface Parts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `undefined` when there is none, or it is not text that was kept as a whole. */
  readonly body: string | undefined;
}

/** Tools set these fields again, and choose codings that they can decode; proxies add the others. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "forwarded",
  "host",
  "proxy-connection",
  "transfer-encoding",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
]);

/** The request for each tool; none for CONNECT and upgrades. Secrets are `xxxxx`. */
export function copiesOf(record: ExchangeRecord): readonly CopiedRequest[] {
  if (record.request.kind !== "request") return [];
  const parts = partsOf(record);
  return [
    { tool: "curl", code: curlOf(parts) },
    { tool: "fetch", code: fetchOf(parts) },
    { tool: "Playwright", code: playwrightOf(parts) },
  ];
}

/** Whether the code lacks content that was sent. */
export function lacksBody({ request, requestBody }: ExchangeRecord): boolean {
  const readable = readableBody(requestBody, request.fields);
  return readable !== undefined && !isUsable(readable);
}

function partsOf(
  { request, requestBody, shownUrl }: ExchangeRecord,
): Parts {
  const readable = readableBody(requestBody, request.fields);
  const isCoded = request.fields.has("content-encoding");
  return {
    method: request.method,
    url: shownUrl,
    headers: Array.from(request.fields)
      .filter(([name]) => !NOT_COPIED.has(name.toLowerCase()))
      // The text is copied as it was before its coding.
      .filter(([name]) => !isCoded || name.toLowerCase() !== "content-encoding")
      .map(([name, value]) => [name, hideInField(name, value)]),
    body: readable !== undefined && isUsable(readable)
      ? readable.text
      : undefined,
  };
}

function isUsable(
  { text, isWhole }: NonNullable<ReturnType<typeof readableBody>>,
): boolean {
  return text !== undefined && isWhole;
}

function curlOf({ method, url, headers, body }: Parts): string {
  const words = [
    `curl ${quoted(url)}`,
    ...method === "GET" && body === undefined
      ? []
      : method === "HEAD"
      ? ["--head"]
      : [`--request ${quoted(method)}`],
    // A field without a value has a semicolon, or curl removes it.
    ...headers.map(([name, value]) =>
      `--header ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`
    ),
    ...body === undefined ? [] : [`--data-raw ${quoted(body)}`],
  ];
  return words.join(" \\\n  ");
}

/** A word for POSIX shells, where only a single quote has a meaning inside single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fetchOf({ method, url, headers, body }: Parts): string {
  const lines = [
    `const response = await fetch(${JSON.stringify(url)}, {`,
    `  method: ${JSON.stringify(method)},`,
    "  headers: [",
    ...headers.map((pair) => `    ${JSON.stringify(pair)},`),
    "  ],",
    ...body === undefined ? [] : [`  body: ${JSON.stringify(body)},`],
    "});",
  ];
  return lines.join("\n");
}

function playwrightOf({ method, url, headers, body }: Parts): string {
  const lines = [
    `const response = await page.request.fetch(${JSON.stringify(url)}, {`,
    `  method: ${JSON.stringify(method)},`,
    "  headers: {",
    ...joined(headers).map(([name, value]) =>
      `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`
    ),
    "  },",
    ...body === undefined ? [] : [`  data: ${JSON.stringify(body)},`],
    "});",
  ];
  return lines.join("\n");
}

/** Fields as members: one of each name. */
function joined(headers: Parts["headers"]): Parts["headers"] {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = values.get(key);
    values.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return [...values];
}
