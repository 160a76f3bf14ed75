import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import type { ConnectRequest, Handler } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { replayForm } from "../../../src/inspector/replay/replay_form.ts";
import type { CapturedBody } from "../../../src/inspector/record/captured_body.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import {
  answerText,
  echo,
  requestOf,
  responseOf,
} from "../../plugin/exchanges.ts";
import { cutBody, Recorded } from "../recorded.ts";

const URL_WITH_SECRET = "http://a.test/x?token=s3cr3t";

function textOf(content: CapturedBody | undefined): string {
  return new TextDecoder().decode(content?.bytes);
}

Deno.test("an exchange is recorded as the browser sees it, and passes unchanged", async () => {
  const recorded = new Recorded(echo);

  const response = await recorded.ask(requestOf(URL_WITH_SECRET, {
    method: "POST",
    fields: ["Accept", "*/*"],
    body: textBody("hello"),
  }));
  const under = recorded.newest;
  const [before, text] = [under.end, await answerText(response)];

  assert.equal(text, "POST http://a.test/x?token=s3cr3t\nAccept: */*\n\nhello");
  assert.equal(before, undefined);
  assert.equal(under.end, "whole");
  assert.equal(under.shownUrl, "http://a.test/x?token=xxxxx");
  assert.equal(textOf(under.requestBody), "hello");
  assert.equal(textOf(under.responseBody), text);
  assert.equal(under.response?.status, 200);
});

Deno.test("fields that later steps add to the request are not recorded", async () => {
  const recorded = new Recorded((request) => {
    request.fields.append("Authorization", "Basic s3cr3t");
    return Promise.resolve(responseOf(undefined));
  });

  const record = await recorded.exchange(requestOf("http://a.test/"));

  assert(!record.request.fields.has("authorization"));
  assert.equal(record.end, "whole");
});

Deno.test("bytes beyond the limit are counted, not kept", async () => {
  const recorded = new Recorded(
    () => Promise.resolve(responseOf("b".repeat(5000))),
    { bodyLimit: 2000 },
  );

  const record = await recorded.exchange(requestOf("http://a.test/"));

  const { responseBody } = record;
  assert.equal(responseBody?.bytes.length, 2000);
  assert.equal(responseBody?.memory, 2000);
  assert.equal(responseBody?.total, 5000);
  assert.equal(responseBody?.isWhole, false);
});

Deno.test("responses that are cut short, given up or never come say so", async () => {
  const cut = new Recorded(() => Promise.resolve(responseOf(cutBody("a"))));
  const unwanted = new Recorded(() => Promise.resolve(responseOf("a")));
  const failing: Handler = () => Promise.reject(new Error("no"));
  const failed = new Recorded(failing);

  await assert.rejects(cut.exchange(requestOf("http://a.test/")));
  const response = await unwanted.ask(requestOf("http://a.test/"));
  if (response.kind === "response") response.body?.cancel();
  await assert.rejects(failed.exchange(requestOf("http://a.test/")), /no/);

  assert.equal(cut.newest.end, "cut");
  assert.equal(unwanted.newest.end, "unwanted");
  assert.equal(failed.newest.end, "cut");
});

Deno.test("CONNECT is one exchange with its bytes, until it is closed", async () => {
  const [near, far] = streamPair();
  const recorded = new Recorded(() =>
    Promise.resolve({
      kind: "stream",
      status: 200,
      fields: new Fields(),
      stream: near,
    })
  );
  const request: ConnectRequest = {
    kind: "connect",
    method: "CONNECT",
    authority: "a.test:443",
    fields: new Fields(),
  };

  const response = await recorded.ask(request);
  if (response.kind !== "stream") assert.fail();
  const { stream } = response;
  const piece = () => new Uint8Array(10);
  await Promise.all([stream.write(new Uint8Array(3)), far.read(piece())]);
  await Promise.all([far.write(new Uint8Array(5)), stream.read(piece())]);
  const { newest } = recorded;
  const isOpen = newest.end === undefined;
  stream.close();
  far.close();

  assert.equal(newest.shownUrl, "a.test:443");
  assert.deepEqual(newest.flow, { sent: 3, received: 5 });
  assert.deepEqual([isOpen, newest.end], [true, "whole"]);
});

Deno.test("content is whole when all its bytes have passed, although nobody reads on", async () => {
  // As a site does that responds as soon as it has the content.
  const eager = new Recorded(async (request) => {
    const body = request.kind === "request" ? request.body : undefined;
    await body?.read(new Uint8Array(100));
    body?.cancel();
    return responseOf("a");
  });

  const record = await eager.exchange(requestOf("http://a.test/", {
    method: "POST",
    fields: ["Content-Type", "text/plain"],
    body: textBody("hello"),
  }));

  assert.equal(record.requestBody?.isWhole, true);
  assert.equal(replayForm(record).body, "hello");
});

Deno.test("content of unknown length that nobody reads to its end may lack something", async () => {
  const eager = new Recorded(async (request) => {
    const body = request.kind === "request" ? request.body : undefined;
    await body?.read(new Uint8Array(100));
    body?.cancel();
    return responseOf("a");
  });

  const record = await eager.exchange(requestOf("http://a.test/", {
    method: "POST",
    body: cutBody("hel"),
  }));

  assert.equal(record.requestBody?.isWhole, false);
});
