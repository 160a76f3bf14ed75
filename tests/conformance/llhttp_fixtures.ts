/**
 * Reads llhttp's fixtures: Markdown with a message, and a log of what that
 * parser finds in it.
 *
 * @module
 */
import type { Message } from "./read_messages.ts";

/** A message, and what a strict parser makes of it. */
export interface Fixture {
  /** `request/uri.md: Quotes in URI`. */
  readonly name: string;
  /** The connection's bytes, each a character. */
  readonly text: string;
  /** The messages that are read to their end. */
  readonly messages: readonly Message[];
  /** What is wrong with the rest, in llhttp's words; `undefined` when nothing is. */
  readonly refusal: string | undefined;
}

/** A line of a log that names a part of the message. */
interface Span {
  readonly at: number;
  readonly kind: string;
  readonly text: string;
}

/**
 * Codes that refuse nothing: what follows a last message (5), the application's
 * wish to pause (21), another protocol (22, 23).
 */
const NO_REFUSALS: readonly string[] = ["5", "21", "22", "23"];

/** The fixtures of one file for a strict parser of requests or of responses. */
export function fixturesOf(
  path: string,
  markdown: string,
  type: "request" | "response",
): Fixture[] {
  const fixtures: Fixture[] = [];
  const file = path.split("/").slice(-2).join("/");
  for (const section of markdown.split(/^#+ /m).slice(1)) {
    const title = section.split("\n", 1)[0];
    const [, meta] = /<!-- meta=(\{.*?\}) -->/s.exec(section) ?? [];
    const [, http] = /```http\n(.*?)```/s.exec(section) ?? [];
    const [, log] = /```log\n(.*?)```/s.exec(section) ?? [];
    if (meta === undefined || http === undefined || log === undefined) continue;
    const { type: kind, skipBody } = JSON.parse(meta);
    // With `skipBody` the application says that there is no content, as after HEAD.
    if (kind !== type || skipBody === true) continue;
    const text = bytesThatStandFor(http);
    const name = `${file}: ${title}`;
    if (type === "request") fixtures.push({ name, text, ...found(text, log) });
    else fixtures.push(...responsesOf(name, text, log));
  }
  return fixtures;
}

/**
 * Each final response of a fixture by itself, with the interim responses before
 * it: a client reads one for each request.
 */
function responsesOf(name: string, text: string, log: string): Fixture[] {
  const starts: number[] = [];
  let isInterim = false;
  for (const line of log.split("\n")) {
    const [, status] = /headers complete status=(\d+)/.exec(line) ?? [];
    if (status !== undefined) isInterim = /^1(?!01)/.test(status);
    const [, begin] = /^off=(\d+) message begin$/.exec(line) ?? [];
    if (begin !== undefined && !isInterim) starts.push(Number(begin));
  }
  const { messages, refusal } = found(text, log);
  return starts.map((start, at) => {
    const isLast = at === starts.length - 1;
    return {
      name: starts.length === 1 ? name : `${name} (${at + 1})`,
      // What stands before the first one, such as an empty line, belongs to it.
      text: text.slice(at === 0 ? 0 : start, starts[at + 1]),
      messages: messages.slice(at, at + 1),
      refusal: isLast ? refusal : undefined,
    };
  });
}

/** The bytes of a block, by the rules of llhttp's own runner. */
function bytesThatStandFor(block: string): string {
  const text = block.replace(/\n$/, "")
    .replaceAll(/\\\n/g, "")
    .replaceAll("\n", "\r\n")
    .replaceAll("\\r", "\r")
    .replaceAll("\\n", "\n")
    .replaceAll("\\t", "\t")
    .replaceAll("\\f", "\f")
    .replaceAll(
      /\\x([0-9a-fA-F]+)/g,
      (_, hex) => String.fromCharCode(parseInt(hex, 16)),
    );
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** The messages of a log but for interim responses. */
function found(
  text: string,
  log: string,
): Pick<Fixture, "messages" | "refusal"> {
  const messages: Message[] = [];
  let refusal: string | undefined;
  let spans: Span[] = [];
  let status: string | undefined;
  for (const line of log.split("\n")) {
    if (line.endsWith("message begin")) {
      spans = [];
      status = undefined;
    }
    status ??= /headers complete status=(\d+)/.exec(line)?.[1];
    if (line.endsWith("message complete")) {
      messages.push(messageOf(spans, status));
      spans = [];
    }
    const [, code, reason] = / error code=(\d+) reason="(.*)"$/.exec(line) ??
      [];
    if (code !== undefined && !NO_REFUSALS.includes(code)) refusal = reason;
    const span = spanOf(text, line);
    if (span !== undefined) spans.push(span);
  }
  // Without a length, a response ends with its connection: the log does not say so.
  const isOpen = status !== undefined && spans.length > 0;
  if (isOpen && refusal === undefined && !hasEnd(spans)) {
    messages.push(messageOf(spans, status));
  }
  const isFinal = ({ start }: Message) => !/^1(?!01)\d\d$/.test(start);
  return { messages: messages.filter(isFinal), refusal };
}

/** Whether fields say where the content ends. */
function hasEnd(spans: readonly Span[]): boolean {
  const framing = fieldsOf(spans).filter((line) =>
    /^(content-length|transfer-encoding):/i.test(line)
  );
  return /^content-length:|\bchunked$/i.test(framing.at(-1) ?? "");
}

/**
 * The span that a line names.
 *
 * @throws When the text is not where the line says: then we have not read the
 * message as llhttp's runner does.
 */
function spanOf(text: string, line: string): Span | undefined {
  const [, off, len, kind = "", printed = ""] =
    /^off=(\d+) len=(\d+) span\[(\w+)\]=(?:"(.*)"|cr|lf)$/.exec(line) ?? [];
  if (off === undefined) return undefined;
  const at = Number(off);
  const part = text.slice(at, at + Number(len));
  // Line ends and other controls are printed in other ways.
  const isPlain = printed !== "" && /^[ !#-[\]-~]*$/.test(printed);
  if (isPlain && printed !== part) {
    throw new Error(`Cannot find "${printed}" at ${at} of the message`);
  }
  return { at, kind, text: part };
}

function messageOf(
  spans: readonly Span[],
  status: string | undefined,
): Message {
  const join = (kind: string) =>
    spans.filter((span) => span.kind === kind).map(({ text }) => text).join("");
  return {
    start: status ?? `${join("method")} ${join("url")}`,
    fields: fieldsOf(spans),
    content: join("body"),
  };
}

/** Names and values before the content: what comes after it is a trailer. */
function fieldsOf(spans: readonly Span[]): string[] {
  const lines: string[] = [];
  for (const { kind, text } of spans) {
    if (kind === "body") break;
    if (kind === "header_field") lines.push(`${text}:`);
    if (kind === "header_value") lines.push(`${lines.pop()} ${text}`.trimEnd());
  }
  return lines;
}
