/** @module */
import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import type { PlainResponse } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ExchangeRecord } from "../../../src/inspector/record/exchange_record.ts";
import { explanationOf } from "../../../src/inspector/record/explanation.ts";
import { errorPage } from "../../../src/proxy/errors/error_page.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { requestOf } from "../../plugin/exchanges.ts";

function recordOf(
  response: Partial<PlainResponse>,
  { end = "whole", plugin }: {
    readonly end?: "whole" | "cut";
    readonly plugin?: string;
  } = {},
): ExchangeRecord {
  const request = requestOf("http://shop.test/");
  const record = new ExchangeRecord(request, { id: "1", startedAt: 0 });
  const whole: PlainResponse = {
    ...{ kind: "response", status: 200, fields: new Fields() },
    ...{ body: textBody("a"), ...response },
  };
  if (plugin !== undefined && request.kind === "request") {
    record.watch.requestEdited(plugin, request, whole);
  }
  record.setResponse(whole);
  record.setEnd(end);
  return record;
}

Deno.test("each failure has the sentence that explains it, and no other request has one", () => {
  const failed = errorPage(
    new ProxyError("pluginFailed", "shop.test"),
    "sallyport client",
  );
  const rows = [
    [recordOf({}), undefined],
    [recordOf({ status: 304 }), undefined],
    [recordOf({ status: 403 }), "The site responded with 403 Forbidden"],
    [recordOf({ status: 799 }), "The site responded with 799"],
    [
      recordOf({ status: 418 }, { plugin: "mock" }),
      'The plugin "mock" responded with 418 I\'m a Teapot',
    ],
    [recordOf({}, { end: "cut" }), "The site cut its response after 0 B"],
    [
      recordOf(failed),
      'Cannot forward the request to "shop.test": a plugin of the client failed',
    ],
  ] as const;
  for (const [record, sentence] of rows) {
    assert.equal(explanationOf(record), sentence);
  }
});

Deno.test("what waits or was given up says so, and secrets stay hidden", () => {
  const request = requestOf("http://shop.test/");
  const record = new ExchangeRecord(request, { id: "1", startedAt: 0 });
  assert.equal(explanationOf(record), undefined);
  record.setEnd("cut");
  assert.equal(
    explanationOf(record),
    "It was given up before there was a response",
  );

  const odd = new ProxyError("connectFailed", "http://a.test/?token=s3cr3t");
  const failed = recordOf(errorPage(odd, "sallyport client"));
  assert.doesNotMatch(explanationOf(failed) ?? "", /s3cr3t/);
});
