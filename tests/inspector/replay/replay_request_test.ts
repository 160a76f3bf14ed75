import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import type { PlainRequest } from "../../../src/http/exchange.ts";
import type { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import {
  type ReplayForm,
  replayForm,
} from "../../../src/inspector/replay/replay_form.ts";
import {
  type FilledForm,
  replayRequest,
} from "../../../src/inspector/replay/replay_request.ts";
import { requestOf, responseOf, textOf } from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

const SECRET_FIELDS = [
  "Host",
  "a.test",
  "Authorization",
  "Bearer s3cr3t",
  "Accept",
  "*/*",
  "Content-Length",
  "21",
  "Content-Type",
  "application/json",
];

async function recordOf(
  url: string,
  content: string | undefined,
  fields: readonly string[] = SECRET_FIELDS,
  bodyLimit = 1000,
): Promise<ExchangeRecord> {
  const recorded = new Recorded(async (request) => {
    await textOf(request.kind === "request" ? request.body : undefined);
    return responseOf(undefined);
  }, { bodyLimit });
  return await recorded.exchange(requestOf(url, {
    method: "POST",
    fields,
    body: content === undefined ? undefined : textBody(content),
  }));
}

/** What is sent after `edit` of the form, as a browser would send the form. */
function resent(
  record: ExchangeRecord,
  edit: (form: ReplayForm) => Partial<FilledForm> = () => ({}),
): PlainRequest {
  const form = replayForm(record);
  const filled = { ...form, body: form.body ?? "", ...edit(form) };
  return replayRequest(record, {
    ...filled,
    fields: filled.fields.replaceAll("\n", "\r\n"),
    body: filled.body.replaceAll(/\r\n?|\n/g, "\r\n"),
  });
}

const URL_WITH_SECRET = "http://a.test/x?token=s3cr3t?b&c=1";
const JSON_WITH_SECRET = '{"password":"s3cr3t"}';

Deno.test("the form shows no secrets, and no length", async () => {
  const form = replayForm(await recordOf(URL_WITH_SECRET, JSON_WITH_SECRET));

  assert.deepEqual(form, {
    method: "POST",
    url: "http://a.test/x?token=xxxxx&c=1",
    fields: "Host: a.test\nAuthorization: xxxxx\nAccept: */*\n" +
      "Content-Type: application/json",
    body: '{"password":"xxxxx"}',
    isWhole: true,
    hasSecrets: true,
    note: undefined,
  });
});

Deno.test("what is left alone is sent as it was recorded", async () => {
  const record = await recordOf(URL_WITH_SECRET, JSON_WITH_SECRET);

  const request = resent(record);

  assert.equal(request.path, "/x?token=s3cr3t?b&c=1");
  assert.deepEqual(request.fields.flat, [
    "Host",
    "a.test",
    "Authorization",
    "Bearer s3cr3t",
    "Accept",
    "*/*",
    "Content-Type",
    "application/json",
    "Content-Length",
    "21",
  ]);
  assert.equal(await textOf(request.body), JSON_WITH_SECRET);
});

Deno.test("line ends of all kinds that are left alone are sent as they were", async () => {
  const content = "a\r\nb\nc\rd";
  const record = await recordOf("http://a.test/", content, [
    "Content-Type",
    "text/plain",
  ]);

  assert.equal(await textOf(resent(record).body), content);
});

Deno.test("edits are sent, beside the secrets that were left alone", async () => {
  const record = await recordOf(URL_WITH_SECRET, JSON_WITH_SECRET);

  const request = resent(record, (form) => ({
    method: "PUT",
    url: form.url.replace("c=1", "c=2"),
    fields: `${form.fields}\nX-More: 1`.replace("*/*", "text/html"),
    body: "new",
  }));

  assert.equal(request.method, "PUT");
  assert.equal(request.path, "/x?token=s3cr3t?b&c=2");
  assert.equal(request.fields.get("authorization"), "Bearer s3cr3t");
  assert.equal(request.fields.get("accept"), "text/html");
  assert.equal(request.fields.get("x-more"), "1");
  assert.equal(request.fields.get("content-length"), "3");
  assert.equal(await textOf(request.body), "new");
});

Deno.test("secrets do not go to another site", async () => {
  const record = await recordOf(URL_WITH_SECRET, JSON_WITH_SECRET);

  for (
    const site of ["http://evil.test", "https://a.test", "http://a.test:1"]
  ) {
    const request = resent(record, (form) => ({
      url: form.url.replace("http://a.test", site),
    }));

    const text = request.path + request.fields.flat.join() +
      await textOf(request.body);
    assert.doesNotMatch(text, /s3cr3t/);
    assert.equal(request.fields.get("host"), new URL(site).host);
    assert.equal(request.fields.has("authorization"), false);
    assert.equal(request.path, "/x?token=xxxxx&c=1");
  }
});

Deno.test("a body that is not text is sent as recorded, and one recorded in part must be written again", async () => {
  const image = await recordOf("http://a.test/", "PNG", [
    "Content-Type",
    "image/png",
  ]);
  const long = await recordOf("http://a.test/", "a".repeat(50), [], 10);

  assert.equal(replayForm(image).body, undefined);
  assert.equal(await textOf(resent(image).body), "PNG");
  assert.match(replayForm(long).note ?? "", /write it again/);
  assert.equal(resent(long).body, undefined);
  assert.equal(resent(long).fields.get("content-length"), "0");
});

const WRONG: readonly (readonly [Partial<FilledForm>, RegExp])[] = [
  [{ method: "" }, /"" is not a method/],
  [{ method: "CONNECT" }, /"CONNECT" is not a method/],
  [{ method: "A B" }, /"A B" is not a method/],
  [{ url: "ftp://a.test/" }, /write its URL as/],
  [{ url: "/x" }, /write its URL as/],
  [{ url: "http://jane:s@a.test/" }, /without credentials/],
  [{ fields: "nothing" }, /"nothing" is not a header field/],
  [{ fields: "a b: c" }, /"a b: c" is not a header field/],
  [{ fields: "a: \u0001" }, /is not a header field/],
  [{ fields: "a: €" }, /is not a header field/],
];

for (const [edit, expected] of WRONG) {
  Deno.test(`${JSON.stringify(edit)} is not sent`, async () => {
    const record = await recordOf("http://a.test/", undefined);

    assert.throws(() => resent(record, () => edit), {
      name: "Problem",
      message: expected,
    });
  });
}

Deno.test("hop-by-hop fields are not sent, and the length is set again", async () => {
  const record = await recordOf("http://a.test/", undefined);

  const { fields } = resent(record, () => ({
    method: "GET",
    fields: "Connection: close, x-a\nX-A: 1\nTransfer-Encoding: chunked\n" +
      "Content-Length: 99\nB: 2\n\n",
  }));

  assert.deepEqual(fields.flat, ["B", "2"]);
});
