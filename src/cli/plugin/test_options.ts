// The request of `sallyport plugin test`, and the site that responds to it.
import { ConfigError } from "../../config/errors.ts";
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import { readBounded, readBytes } from "../../config/sources/read_bounded.ts";
import {
  headerField,
  httpUrl,
  method,
} from "../../config/values/request_values.ts";
import {
  many,
  onOff,
  type Pair,
  text,
  wholeNumber,
} from "../../config/values/values.ts";
import { readHar } from "../../inspector/har/read_har.ts";
import { contentType } from "./content_type.ts";
import {
  SAMPLE_RESPONSE,
  type TestExchange,
  type TestResponse,
} from "./test_plugin.ts";

const request = fieldsIn("The request", { inFile: false });
const response = fieldsIn("The response of the site", { inFile: false });
const output = fieldsIn("Output", { inFile: false });
const recording = fieldsIn("Recorded requests", { inFile: false });

/** The options of a test. */
export const TEST_FIELDS = {
  url: request(httpUrl().optional(), {
    placeholder: "url",
    summary: "URL of the request",
  }),
  method: request(method().optional(), {
    placeholder: "method",
    defaultText: "GET, POST with --body",
    summary: "Method of the request",
  }),
  header: request(many(headerField()), {
    placeholder: "'name: value'",
    noSplit: true,
    summary: "Header field of the request; repeatable",
    help: "Header field of the request. Repeat the option for others.",
  }),
  body: request(text().optional(), {
    placeholder: "text|@path",
    summary: "Content of the request",
    help: "Content of the request: a text, or @ and the path of a file.",
  }),
  job: request(text().optional(), {
    placeholder: "name",
    summary: "Test job of the request",
    help: "Test job that the request belongs to.",
  }),
  responseStatus: response(wholeNumber({ min: 200, max: 599 }).default(200), {
    placeholder: "number",
    summary: "Status of the response",
  }),
  responseHeader: response(many(headerField()), {
    placeholder: "'name: value'",
    noSplit: true,
    summary: "Header field of the response; repeatable",
    help:
      "Header field of the response. Repeat the option for others. Without " +
      "Content-Type, it follows from the content.",
  }),
  responseBody: response(text().optional(), {
    placeholder: "text|@path",
    defaultText: "a page of HTML",
    summary: "Content of the response",
    help: "Content of the response: a text, or @ and the path of a file.",
  }),
  responseFile: response(text().optional(), {
    placeholder: "path",
    summary: "File with the content of the response",
    help: "File with the content of the response, which may be any bytes.",
  }),
  har: recording(text().optional(), {
    placeholder: "path",
    summary: "HAR file with requests and responses",
    help: "Sends the requests of a HAR file, one after the other. The site " +
      "responds as it did then. Browsers and the inspector write such files. " +
      "With --url, only requests to this URL are sent.",
  }),
  json: output(onOff(), {
    summary: "Write JSON",
    help: "Write what happened as one JSON value.",
  }),
  watch: output(onOff(), {
    summary: "Test again when a file changes",
    help: "Test again each time a file beside the plugins changes, until " +
      "Ctrl-C.",
  }),
};

/** The values of {@linkcode TEST_FIELDS}. */
export type TestConfig = ConfigOf<typeof TEST_FIELDS>;

/** Recorded requests to send at most. A page has some hundred. */
const MAX_EXCHANGES = 1_000;

/**
 * The requests that the options describe; none without URL and HAR file.
 *
 * @throws {ConfigError} When a file cannot be read, or has no such request.
 */
export async function testExchanges(
  config: TestConfig,
): Promise<readonly TestExchange[]> {
  if (config.har !== undefined) return await recorded(config.har, config);
  const { url, header, body, job } = config;
  if (url === undefined) return [];
  const content = body && await contentOf(body);
  return [{
    method: config.method ?? (content === undefined ? "GET" : "POST"),
    url,
    fields: flat(header),
    content,
    job,
    response: await responseOf(config),
  }];
}

async function responseOf(
  { responseStatus, responseHeader, responseBody, responseFile }: TestConfig,
): Promise<TestResponse> {
  if (responseBody !== undefined && responseFile !== undefined) {
    throw new ConfigError(
      "badValue",
      "Cannot use both --response-body and --response-file: keep one of them",
    );
  }
  const content = responseFile !== undefined
    ? await readBytes(responseFile, "file with the content")
    : responseBody === undefined
    ? SAMPLE_RESPONSE.content
    : await contentOf(responseBody);
  const hasType = responseHeader.some(({ name }) =>
    name.toLowerCase() === "content-type"
  );
  const type = hasType ? [] : ["Content-Type", contentType(textIn(content))];
  const fields = [...type, ...flat(responseHeader)];
  return { status: responseStatus, fields, content };
}

function textIn(content: string | Uint8Array): string {
  return typeof content === "string"
    ? content
    : new TextDecoder().decode(content);
}

/** A text, or the text of the file after `@`, as curl has it. */
async function contentOf(given: string): Promise<string> {
  return given.startsWith("@")
    ? await readBounded(given.slice(1), "file with the content")
    : given;
}

function flat(fields: readonly Pair[]): readonly string[] {
  return fields.flatMap(({ name, value }) => [name, value]);
}

async function recorded(
  path: string,
  { url, job }: TestConfig,
): Promise<readonly TestExchange[]> {
  const found = (await readExchanges(path)).filter((each) =>
    url === undefined || each.url.href === url.href
  );
  const reason = found.length === 0
    ? `it has no request${url === undefined ? "" : ` to ${url.href}`}`
    : found.length > MAX_EXCHANGES
    ? `it has more than ${MAX_EXCHANGES} requests, choose some with --url`
    : undefined;
  if (reason !== undefined) throw badHar(path, reason);
  return found.map(({ response = SAMPLE_RESPONSE, ...request }) => ({
    ...request,
    job,
    response,
  }));
}

async function readExchanges(
  path: string,
): Promise<ReturnType<typeof readHar>> {
  const text = await readBounded(path, "HAR file", MAX_HAR_BYTES);
  try {
    return readHar(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw badHar(path, cause.message);
  }
}

/** The files of browsers have all content of all pages. */
const MAX_HAR_BYTES = 64 * 1024 * 1024;

function badHar(path: string, reason: string): ConfigError {
  return new ConfigError(
    "badFile",
    `Cannot use the HAR file "${path}": ${reason}`,
  );
}
