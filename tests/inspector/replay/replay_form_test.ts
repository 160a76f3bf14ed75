/** A recorded request as a form: what can be edited, and what is hidden. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import type { ProxyRequest } from "../../../src/http/exchange.ts";
import type { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import {
  isReplayable,
  replayForm,
  typedText,
} from "../../../src/inspector/replay/replay_form.ts";
import {
  bytesOf,
  requestOf,
  responseOf,
  upgradeOf,
} from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

async function recordOf(request: ProxyRequest): Promise<ExchangeRecord> {
  const recorded = new Recorded(async (passed) => {
    if (passed.kind === "request") await bytesOf(passed.body);
    return responseOf("a");
  }, { bodyLimit: 100 });
  return await recorded.exchange(request);
}

async function formOf(
  content: string | Uint8Array | undefined,
  fields: readonly string[] = ["Content-Type", "text/plain"],
) {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const body = bytes && bytesBody(bytes);
  const url = "http://shop.test/a?token=s3cr3t";
  return replayForm(
    await recordOf(requestOf(url, { method: "POST", fields, body })),
  );
}

Deno.test("only plain requests can be sent again", async () => {
  assert.equal(isReplayable(await recordOf(requestOf("http://a.test/"))), true);
  assert.equal(
    isReplayable(await recordOf(upgradeOf("http://a.test/"))),
    false,
  );
});

Deno.test("a form has no secrets, and no length of the content", async () => {
  const { method, url, fields } = await formOf("a", [
    ...["Content-Length", "1", "Authorization", "Basic czNjcjN0", "X-A", "1"],
  ]);
  assert.equal(method, "POST");
  assert.match(url, /^http:\/\/shop\.test\/a\?token=x+$/);
  const [login, ...others] = fields.split("\n");
  assert.match(login ?? "", /^Authorization: /);
  assert.doesNotMatch(fields, /czNj/);
  assert.deepEqual(others, ["X-A: 1"]);
});

const NOTHING = { body: "", isWhole: true, hasSecrets: false, note: undefined };

Deno.test("a request without content has an empty one", async () => {
  for (const content of [undefined, ""]) {
    const { body, isWhole, hasSecrets, note } = await formOf(content);
    assert.deepEqual({ body, isWhole, hasSecrets, note }, NOTHING);
  }
});

Deno.test("text can be edited, and says whether it hides something", async () => {
  const plain = await formOf("hello");
  assert.deepEqual(
    [plain.body, plain.isWhole, plain.hasSecrets, plain.note],
    ["hello", true, false, undefined],
  );
  const secret = await formOf('{"password":"s3cr3t"}', [
    ...["Content-Type", "application/json"],
  ]);
  assert.equal(secret.hasSecrets, true);
  assert.doesNotMatch(secret.body ?? "", /s3cr3t/);
});

Deno.test("content that was recorded in part is written again", async () => {
  const { body, isWhole, note } = await formOf("x".repeat(101));
  assert.deepEqual([body, isWhole], ["", false]);
  assert.equal(note, "Only part of the body was recorded: write it again.");
  assert.equal((await formOf("x".repeat(100))).isWhole, true);
});

Deno.test("content other than text is sent as recorded", async () => {
  const binary = await formOf(Uint8Array.of(0, 1, 2), [
    ...["Content-Type", "image/png"],
  ]);
  assert.equal(binary.body, undefined);
  assert.equal(binary.isWhole, true);
  assert.match(binary.note ?? "", / It is sent as recorded\.$/);
  const coded = await formOf(gzipSync("hello"), [
    ...["Content-Type", "text/plain", "Content-Encoding", "gzip"],
  ]);
  assert.equal(coded.body, undefined);
  assert.match(coded.note ?? "", / It is sent as recorded\.$/);
});

Deno.test("typed text has LF line ends", () => {
  assert.equal(typedText("a\r\nb\rc\nd"), "a\nb\nc\nd");
});
