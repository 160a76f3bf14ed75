import assert from "node:assert/strict";

import { listenToLog } from "../../src/log/configure.ts";
import type { HttpLogMode } from "../../src/log/http_log.ts";
import {
  hideInContent,
  hideInField,
  hideInUrl,
  type HttpExchangeFacts,
  logHttp,
  requestIdOf,
} from "../../src/log/http_message.ts";
import { logger } from "../../src/log/log.ts";

const EXCHANGE: HttpExchangeFacts = {
  method: "POST",
  url: "http://jane:s3cr3t@shop.test/cart?item=1&access_token=s3cr3t",
  status: 200,
  duration: 12.345,
  id: "1-f1c61ee0",
  request: [
    ["X-Request-Id", "abc"],
    ["Authorization", "Basic s3cr3t"],
    ["Cookie", "s3cr3t"],
    ["Referer", "http://a.test/?password=s3cr3t&b=2"],
    ["Accept", "text/html"],
    ["Accept", "*/*"],
  ],
  response: [["Content-Type", "text/plain"], ["Set-Cookie", "s3cr3t"]],
  requestBody: "a=1",
  responseBody: "hello",
};

const SHORT =
  "[INFO] POST http://jane:xxxxx@shop.test/cart id=1-f1c61ee0 request_id=abc status=200 duration=12.3ms";
const URL =
  "[INFO] POST http://jane:xxxxx@shop.test/cart?item=1&access_token=xxxxx id=1-f1c61ee0 request_id=abc status=200 duration=12.3ms";
const HEADERS =
  `${URL} request.x-request-id=abc request.authorization=xxxxx request.cookie=xxxxx request.referer=http://a.test/?password=xxxxx&b=2 request.accept="text/html, */*" response.content-type=text/plain response.set-cookie=xxxxx`;

async function linesOf(
  mode: HttpLogMode,
  change: Partial<HttpExchangeFacts> = {},
): Promise<string[]> {
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  logHttp(logger("proxy"), mode, { ...EXCHANGE, ...change });
  return lines;
}

const MODES: readonly (readonly [HttpLogMode, number, string[]])[] = [
  ["none", 500, []],
  ["short-url", 200, [SHORT]],
  ["url", 200, [URL]],
  ["headers", 200, [HEADERS]],
  ["body", 200, [`${HEADERS} request.body=a=1 response.body=hello`]],
  ["errors", 499, []],
  ["errors", 500, [HEADERS.replace("status=200", "status=500")]],
];

for (const [mode, status, expected] of MODES) {
  Deno.test(`mode ${mode} logs an exchange of status ${status} in ${expected.length} lines`, async () => {
    assert.deepEqual(await linesOf(mode, { status }), expected);
  });
}

Deno.test("a request id is cut where no program makes longer ones", () => {
  assert.equal(requestIdOf([["x-request-id", "a".repeat(200)]])?.length, 128);
});

const CONTENTS: readonly (readonly [string, string])[] = [
  ["user=jane&password=s3cr3t&a=1", "user=jane&password=xxxxx&a=1"],
  ["password=s3cr3t", "password=xxxxx"],
  ['{"tunnel_token":"s3cr3t","n":1}', '{"tunnel_token":"xxxxx","n":1}'],
  ['{"accessKey" : "s3\\"cr3t"}', '{"accessKey" : "xxxxx"}'],
  ['{"secret":12345}', '{"secret":"xxxxx"}'],
  ['{"password":"cut off s3cr3t', '{"password":"xxxxx"'],
  ["see https://jane:s3cr3t@shop.test/", "see https://jane:xxxxx@shop.test/"],
  [
    "<a:Password x=''>s3cr3t</a:Password>",
    "<a:Password x=''>xxxxx</a:Password>",
  ],
  ["<token>\n <a>1</a></token>", "<token>\n <a>1</a></token>"],
];

for (const [content, expected] of CONTENTS) {
  Deno.test(`secrets are hidden in ${content}`, () => {
    assert.equal(hideInContent(content), expected);
  });
}

Deno.test("URLs and fields show no secrets", () => {
  assert.equal(
    hideInUrl("http://a:s3cr3t@b.test/?c=1&api_key=s3cr3t#id_token=s3cr3t"),
    "http://a:xxxxx@b.test/?c=1&api_key=xxxxx#id_token=xxxxx",
  );
  assert.equal(hideInField("X-Api-Key", "s3cr3t"), "xxxxx");
  assert.equal(
    hideInField("X-Forwarded-Url", "http://a.test/?token=s3cr3t"),
    "http://a.test/?token=xxxxx",
  );
  assert.equal(hideInField("Accept", "*/*"), "*/*");
});

Deno.test("a long name of an element is read through once", () => {
  const content = `<${"a".repeat(1_000_000)}`;
  assert.equal(hideInContent(content), content);
});

// A search that begins again at each of them would take minutes.
for (
  const piece of [
    "?",
    "a.",
    "&",
    "a=",
    '"',
    '"a":',
    "a://",
    "a://b:",
    "<",
    "<a",
    "<a>",
    "<a> ",
  ]
) {
  Deno.test(`a long content of ${piece} is read through once`, () => {
    const content = piece.repeat(500_000);
    assert.equal(hideInContent(content).length, content.length);
  });
}
