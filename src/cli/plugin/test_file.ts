// `shop.test.yaml` beside `shop.ts`: requests to send through the plugin, and what
// must come of them.
import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { suggestion } from "../../config/option_names.ts";
import { type LineOf, partLines } from "../../config/sources/key_lines.ts";
import { parseFile } from "../../config/sources/parse_file.ts";
import { readBounded } from "../../config/sources/read_bounded.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { contentType } from "./content_type.ts";
import {
  SAMPLE_RESPONSE,
  type TestExchange,
  type TestResponse,
} from "./test_plugin.ts";

/** Tests of one file at most. */
const MAX_TESTS = 1_000;

/** A value of a field. YAML makes numbers and more of texts. */
const VALUE = z.union([z.string(), z.number(), z.boolean()]).transform(String)
  .refine(isFieldValue, "expected text on one line");
const NAME = z.string().refine(isToken, "expected the name of a header field");
const URL_TEXT = z.string().refine(
  (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""),
  "expected http://host/path or https://…",
);
const STATUS = z.int().min(200).max(599);

/** Content that is sent: one of these. */
const SENT = {
  body: z.string().optional(),
  json: z.json().optional(),
  file: z.string().optional(),
};

/** Content that must come. */
const WANTED = {
  body: z.string().optional(),
  json: z.json().optional(),
  contains: z.string().optional(),
};

/** Fields that are sent. */
const FIELDS = z.record(NAME, z.union([VALUE, z.array(VALUE)])).default({});
/** Fields that must come. `null` is for one that must not. */
const WANTED_FIELDS = z.record(
  NAME,
  z.union([z.null(), VALUE, z.array(VALUE)]),
).default({});

const TEST = z.strictObject({
  name: z.string().optional(),
  job: z.string().optional(),
  request: z.strictObject({
    url: URL_TEXT,
    method: NAME.optional(),
    headers: FIELDS,
    ...SENT,
  }),
  response: z.strictObject({
    status: STATUS.default(200),
    headers: FIELDS,
    ...SENT,
  }).optional(),
  expect: z.strictObject({
    request: z.strictObject({
      url: URL_TEXT.optional(),
      method: NAME.optional(),
      headers: WANTED_FIELDS,
      ...WANTED,
    }).optional(),
    response: z.strictObject({
      status: STATUS.optional(),
      headers: WANTED_FIELDS,
      ...WANTED,
    }).optional(),
    "asks-site": z.boolean().optional(),
    failure: z.string().optional(),
  }),
});

const FILE = z.strictObject({
  options: z.record(z.string(), z.unknown()).optional(),
  tests: z.array(TEST).min(1, "expected one test at least").max(MAX_TESTS),
});

/** What must come of a request. */
export type Expectation = z.infer<typeof TEST>["expect"];

/** A message that must come. */
export type ExpectedMessage =
  & { readonly [Key in "method" | "url"]?: string | undefined }
  & { readonly status?: number | undefined }
  & Pick<NonNullable<Expectation["response"]>, "headers">
  & { readonly [Key in keyof typeof WANTED]?: unknown };

/** A request, and what must come of it. */
export interface TestCase {
  /** What its file calls it, or its request. */
  readonly name: string;
  readonly exchange: TestExchange;
  readonly expect: Expectation;
  /** The line of a part of it; of none, its own. */
  readonly lineOf: LineOf;
}

/** The tests of a plugin. */
export interface TestFile {
  readonly path: string;
  /** The options of the plugin; `undefined` if the file has none. */
  readonly options: unknown;
  readonly cases: readonly TestCase[];
}

/** Where the tests of a plugin are: `shop.test.yaml` beside `shop.ts`. */
export function testFileOf(plugin: string): string {
  return plugin.replace(/\.[mc]?[jt]s$/, "") + ".test.yaml";
}

/**
 * Reads the tests of a plugin.
 *
 * @returns `undefined` when there is no such file.
 * @throws {ConfigError} With a line for each mistake.
 */
export async function readTestFile(
  path: string,
): Promise<TestFile | undefined> {
  if (!await isThere(path)) return undefined;
  const text = await readBounded(path, "file with tests");
  const lineOf = partLines(path, text);
  const parsed = FILE.safeParse(parseFile(path, text, { isTyped: true }));
  if (!parsed.success) throw mistakesIn(path, parsed.error, lineOf);
  const { options, tests } = parsed.data;
  const cases: TestCase[] = [];
  for (const [at, test] of tests.entries()) {
    const place = (parts: Parameters<LineOf>[0]) =>
      lineOf(["tests", at, ...parts]);
    cases.push({
      name: test.name ?? `${test.request.method ?? "GET"} ${test.request.url}`,
      exchange: await exchangeOf(test, path),
      expect: test.expect,
      lineOf: place,
    });
  }
  return { path, options, cases };
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, (error) => {
    // Reading it reports other failures.
    return !(error instanceof Deno.errors.NotFound);
  });
}

async function exchangeOf(
  { job, request, response }: z.infer<typeof TEST>,
  path: string,
): Promise<TestExchange> {
  const content = await contentOf(request, path);
  return {
    method: request.method ?? (content === undefined ? "GET" : "POST"),
    url: new URL(request.url),
    fields: fieldsOf(request.headers, content),
    content,
    job,
    response: response === undefined
      ? SAMPLE_RESPONSE
      : await responseOf(response, path),
  };
}

async function responseOf(
  response: NonNullable<z.infer<typeof TEST>["response"]>,
  path: string,
): Promise<TestResponse> {
  const content = await contentOf(response, path) ?? "";
  const { status, headers } = response;
  return { status, fields: fieldsOf(headers, content), content };
}

/** A file lies beside that of the tests. */
async function contentOf(
  { body, json, file }: { readonly [Key in keyof typeof SENT]?: unknown },
  path: string,
): Promise<string | undefined> {
  if (file !== undefined) {
    const named = join(dirname(resolve(path)), String(file));
    return await readBounded(named, "file with the content");
  }
  if (json !== undefined) return JSON.stringify(json);
  return typeof body === "string" ? body : undefined;
}

function fieldsOf(
  headers: Readonly<Record<string, string | readonly string[]>>,
  content: string | undefined,
): readonly string[] {
  const fields = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value])
  );
  const hasType = Object.keys(headers).some((name) =>
    name.toLowerCase() === "content-type"
  );
  return content === undefined || content === "" || hasType
    ? fields
    : ["Content-Type", contentType(content), ...fields];
}

function mistakesIn(path: string, error: z.ZodError, lineOf: LineOf): Error {
  const mistakes = new Mistakes();
  for (const issue of error.issues) {
    const parts = issue.path.map((part) =>
      typeof part === "number" ? part : String(part)
    );
    const wrong = issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
        at: [...parts, key],
        reason: `there is no such key, ${suggestion(key, KEYS, "remove it")}`,
      }))
      : [{ at: parts, reason: lower(issue.message) }];
    for (const { at, reason } of wrong) {
      const where = at.length === 0 ? "the file" : at.join(".");
      mistakes.add(
        new ConfigError(
          "badFile",
          `Cannot use "${path}", line ${lineOf(at) ?? 1}: ${where}: ${reason}`,
        ),
      );
    }
  }
  try {
    mistakes.throwIfAny();
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
  }
  return error;
}

/** All keys of a file. */
const KEYS: readonly string[] = [
  ...["options", "tests", "name", "job", "request", "response", "expect"],
  ...["url", "method", "headers", "status", "asks-site", "failure"],
  ...["body", "json", "file", "contains"],
];

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
