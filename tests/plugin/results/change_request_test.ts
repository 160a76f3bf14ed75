/** A request after the decision of a hook. */
import assert from "node:assert/strict";
import type { UpgradeRequest } from "../../../src/http/exchange.ts";
import {
  changeRequest,
  ownResponse,
  requestData,
} from "../../../src/plugin/results/change_request.ts";
import { HookedContent } from "../../../src/plugin/results/hooked_content.ts";
import type {
  BodyPlan,
  RequestChange,
} from "../../../src/plugin/results/outcomes.ts";
import { ReadBudget } from "../../../src/plugin/results/read_budget.ts";
import { readBody } from "../../http1/served.ts";
import { textBody } from "../../../src/http/bytes_body.ts";
import { requestOf, upgradeOf } from "../exchanges.ts";

const NOTHING: RequestChange = {
  kind: "change",
  ...{ method: undefined, destination: undefined, headers: [] },
  body: undefined,
};
const ELSEWHERE = { scheme: "https", authority: "b.test:81" } as const;

function readerOf(request: { readonly body?: unknown }) {
  return new HookedContent(request as never, new ReadBudget());
}

function post(text: string, fields: readonly string[] = []) {
  const body = textBody(text);
  return requestOf("http://a.test/x?y=1", { method: "POST", fields, body });
}

function bytes(text: string): BodyPlan {
  return { kind: "bytes", bytes: new TextEncoder().encode(text) };
}

function changed(change: Partial<RequestChange>, request = post("abc")) {
  const result = changeRequest(
    request,
    { ...NOTHING, ...change },
    readerOf(request),
  );
  assert.ok(result.kind === "request");
  return result;
}

Deno.test("a hook sees a request with its whole URL", () => {
  assert.deepEqual(requestData(post("", ["A", "1"])), {
    method: "POST",
    url: "http://a.test/x?y=1",
    headers: ["A", "1"],
    upgrade: undefined,
  });
  const star = { ...requestOf("https://a.test/"), path: "*" };
  assert.equal(requestData(star).url, "https://a.test/*");
  assert.equal(requestData(upgradeOf("http://a.test/")).upgrade, "websocket");
});

Deno.test("what is not changed stays", async () => {
  const request = post("abc", ["A", "1"]);
  const result = changed({}, request);
  assert.deepEqual(
    [result.method, result.scheme, result.authority, result.path],
    ["POST", "http", "a.test", "/x?y=1"],
  );
  assert.equal(result.fields, request.fields);
  assert.ok(result.body);
  assert.equal(await readBody(result.body), "abc");
});

Deno.test("a destination moves the request, and keeps the path where it has none", () => {
  const kept = changed({ destination: { ...ELSEWHERE, path: undefined } });
  assert.deepEqual([kept.scheme, kept.authority, kept.path], [
    "https",
    "b.test:81",
    "/x?y=1",
  ]);
  assert.equal(
    changed({ destination: { ...ELSEWHERE, path: "/z" } }).path,
    "/z",
  );
});

/** Host before, and the hook's own → Host after. */
const HOSTS = [
  [["Host", "a.test"], [], "b.test:81"],
  [["Host", "a.test"], ["set", "Host", "c.test"], "c.test"],
  [["Host", "a.test"], ["delete", "host", ""], undefined],
  [["Host", "a.test"], ["set", "X-A", "host"], "b.test:81"],
  [[], [], undefined],
] as const;

for (const [before, headers, after] of HOSTS) {
  Deno.test(`Host is ${after} after ${before} and ${headers}`, () => {
    const request = post("", before);
    const { fields } = changed({
      destination: { ...ELSEWHERE, path: undefined },
      headers,
    }, request);
    assert.equal(fields.get("host"), after);
    assert.equal(request.fields.get("host"), before[1]);
  });
}

Deno.test("Host stays where the request does", () => {
  const destination = {
    ...{ scheme: "https", authority: "a.test", path: "/" } as const,
  };
  const { fields } = changed({ destination }, post("", ["Host", "A.test"]));
  assert.equal(fields.get("host"), "A.test");
});

Deno.test("method and content are changed, the length with them", async () => {
  const { method, fields, body } = changed(
    { method: "PUT", body: bytes("12345") },
    post("abc", ["Content-Length", "3"]),
  );
  assert.equal(method, "PUT");
  assert.equal(fields.get("content-length"), "5");
  assert.ok(body);
  assert.equal(await readBody(body), "12345");
});

Deno.test("an upgrade is moved and changed", () => {
  const request = upgradeOf("http://a.test/");
  const result = changeRequest(request, {
    ...NOTHING,
    destination: { ...ELSEWHERE, path: "/ws" },
    headers: ["set", "X-A", "1"],
  }, readerOf({})) as UpgradeRequest;
  assert.deepEqual(
    [result.kind, result.authority, result.path, result.protocol],
    ["upgrade", "b.test:81", "/ws", "websocket"],
  );
  assert.equal(result.fields.get("x-a"), "1");
});

for (
  const [what, change] of [
    ["method", { method: "POST" }],
    ["body", { body: bytes("") }],
  ] as const
) {
  Deno.test(`an upgrade keeps its ${what}`, () => {
    const request = upgradeOf("http://a.test/");
    assert.throws(
      () => changeRequest(request, { ...NOTHING, ...change }, readerOf({})),
      {
        name: "TypeError",
        message: `an upgrade request keeps its ${what}, check "upgrade" first`,
      },
    );
  });
}

function own(
  status: number,
  method: string,
  body: BodyPlan | undefined,
  request = post("abc"),
) {
  const headers = ["X-A", "1"];
  const response = { kind: "respond", status, headers, body } as const;
  return ownResponse(response, method, readerOf(request));
}

Deno.test("a plugin's own response has its fields, content and length", async () => {
  const { status, fields, body } = own(201, "GET", bytes("hi"));
  assert.equal(status, 201);
  assert.deepEqual([...fields], [["X-A", "1"], ["Content-Length", "2"]]);
  assert.ok(body);
  assert.equal(await readBody(body), "hi");
});

Deno.test("a plugin's own response without content says so", () => {
  const { fields, body } = own(200, "GET", undefined);
  assert.equal(fields.get("content-length"), "0");
  assert.equal(body, undefined);
});

for (
  const [status, method] of [[200, "HEAD"], [204, "GET"], [304, "GET"]] as const
) {
  Deno.test(`a plugin's own ${status} to ${method} ends after its header`, () => {
    let cancelled = 0;
    const request = post("abc");
    assert.ok(request.body);
    const cancel = request.body.cancel.bind(request.body);
    request.body.cancel = () => {
      cancelled++;
      cancel();
    };
    const { fields, body } = own(status, method, bytes("hi"), request);
    assert.equal(body, undefined);
    assert.equal(fields.has("content-length"), false);
    assert.equal(cancelled, 1);
  });
}

Deno.test("a stream that has no place is given up", () => {
  let cancelled = 0;
  const plan: BodyPlan = {
    kind: "stream",
    isDerived: false,
    source: { pull: () => undefined, cancel: () => void cancelled++ },
  };
  own(204, "GET", plan);
  assert.equal(cancelled, 1);
});
