// Compares what a plugin did to a request with what its test expects.
import { isDeepStrictEqual } from "node:util";
import type { ExpectedMessage, TestCase } from "./test_file.ts";
import type { MessageText, PluginTestReport } from "./test_plugin.ts";

/** Something that is not as the test expects it. */
export interface Unexpected {
  /** Its line in the file of the tests; `undefined` if it is unknown. */
  readonly line: number | undefined;
  readonly message: string;
}

/** How a test ended. */
export interface TestResult {
  readonly name: string;
  readonly line: number | undefined;
  /** Nothing if it has passed. */
  readonly problems: readonly Unexpected[];
}

/** Characters of a value in a message. */
const MAX_SHOWN = 200;

/** Looks for everything in a report that a test does not expect. */
export function checkExpectations(
  { name, expect, lineOf }: TestCase,
  report: PluginTestReport,
): TestResult {
  const problems: Unexpected[] = [];
  const { forwarded, response, failure } = report;
  const add = (path: readonly string[], message: string) =>
    void problems.push({ line: lineOf(["expect", ...path]), message });

  const failed = report.calls.filter((call) => call.failed);
  if (expect.failure !== undefined) {
    const told = failure?.message ?? "";
    if (!told.includes(expect.failure)) {
      add(["failure"], wrong("the failure", expect.failure, told || "none"));
    }
  } else if (failure !== undefined) {
    add([], failure.message);
  } else {
    for (const { hook } of failed) add([], `the hook "${hook}" has failed`);
  }
  const asks = expect["asks-site"];
  if (asks !== undefined && asks !== (forwarded !== undefined)) {
    add(["asks-site"], asks ? NO_REQUEST : "a request reaches the site");
  }
  if (expect.request !== undefined) {
    if (forwarded === undefined) add(["request"], NO_REQUEST);
    else compare("request", expect.request, forwarded);
  }
  if (expect.response !== undefined && response !== undefined) {
    compare("response", expect.response, response);
  } else if (expect.response !== undefined && failure === undefined) {
    add(["response"], "the browser gets no response");
  }
  return { name, line: lineOf([]), problems };

  function compare(
    which: "request" | "response",
    expected: ExpectedMessage,
    actual: MessageText,
  ): void {
    for (const { path, message } of differences(expected, actual)) {
      add([which, ...path], `${which}: ${message}`);
    }
  }
}

const NO_REQUEST = "the plugin responds itself, no request reaches the site";

interface Difference {
  readonly path: readonly string[];
  readonly message: string;
}

function* differences(
  expected: ExpectedMessage,
  { start, lines, content }: MessageText,
): Generator<Difference> {
  const [method = "", url = ""] = start.split(" ");
  const actual = { method, url, status: start };
  for (const key of ["method", "url", "status"] as const) {
    const value = expected[key];
    if (value === undefined) continue;
    const text = key === "url" ? new URL(String(value)).href : String(value);
    if (text === actual[key]) continue;
    yield { path: [key], message: wrong(key, text, actual[key]) };
  }
  for (const [name, value] of Object.entries(expected.headers)) {
    const there = valuesOf(lines, name);
    const wanted = value === null ? [] : [value].flat();
    if (isDeepStrictEqual(there, wanted)) continue;
    yield {
      path: ["headers", name],
      message: wrong(`field "${name}"`, listed(wanted), listed(there)),
    };
  }
  yield* contentDifferences(expected, content);
}

function* contentDifferences(
  { body, json, contains }: ExpectedMessage,
  content: string,
): Generator<Difference> {
  if (body !== undefined && body !== content) {
    yield {
      path: ["body"],
      message: wrong("body", quoted(body), quoted(content)),
    };
  }
  if (typeof contains === "string" && !content.includes(contains)) {
    const message = `body: expected to contain ${quoted(contains)}, ` +
      `is ${quoted(content)}`;
    yield { path: ["contains"], message };
  }
  if (json !== undefined && !isDeepStrictEqual(parsed(content), json)) {
    const message = wrong(
      "JSON",
      quoted(JSON.stringify(json)),
      quoted(content),
    );
    yield { path: ["json"], message };
  }
}

function valuesOf(lines: readonly string[], name: string): readonly string[] {
  const start = `${name.toLowerCase()}: `;
  return lines.filter((line) => line.toLowerCase().startsWith(start))
    .map((line) => line.slice(start.length));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.map(quoted).join(", ");
}

function quoted(value: unknown): string {
  const text = String(value);
  const isLong = text.length > MAX_SHOWN;
  return JSON.stringify(text.slice(0, MAX_SHOWN)) + (isLong ? " …" : "");
}

function wrong(what: string, expected: string, actual: string): string {
  return `${what}: expected ${expected}, is ${actual}`;
}
