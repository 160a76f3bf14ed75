/** The page on which a request is edited: what it shows, and what it sends. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { problemResponse } from "../../../src/api/serving/problem.ts";
import type { ApiEnv } from "../../../src/api/serving/serve.ts";
import { bytesBody } from "../../../src/http/bytes_body.ts";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import {
  inspectorLayout,
  type InspectorParts,
} from "../../../src/inspector/pages/layout.ts";
import { replayRoutes } from "../../../src/inspector/pages/replay_page.ts";
import { CsrfToken } from "../../../src/web/security/csrf_token.ts";
import {
  bytesOf,
  requestOf,
  responseOf,
  upgradeOf,
} from "../../plugin/exchanges.ts";
import { Recorded } from "../recorded.ts";

const PATH = "http://lab.test/inspector/exchanges";

/** The page of one recorded request, and what was sent from it. */
async function open(request: ProxyRequest) {
  const recorded = new Recorded(async (passed) => {
    if (passed.kind === "request") await bytesOf(passed.body);
    return responseOf("a");
  });
  const { id } = await recorded.exchange(request);
  const csrfToken = new CsrfToken();
  const sent: PlainRequest[] = [];
  const parts = {
    ...{ store: recorded.store, csrfToken, formLimit: 10_000 },
    layout: inspectorLayout("1.2.3"),
    replayer: {
      start(request: PlainRequest) {
        sent.push(request);
        return "replay-1";
      },
    },
  } as unknown as InspectorParts;
  const app = new Hono<ApiEnv>();
  app.onError(problemResponse);
  app.route("/inspector", replayRoutes(parts));
  const get = async (which = id) =>
    await app.request(`${PATH}/${which}/replay`);
  const post = async (form: Readonly<Record<string, string>>) => {
    const body = String(new URLSearchParams(form));
    return await app.request(`${PATH}/${id}/replay`, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": String(body.length),
      },
      body,
    });
  };
  return { id, get, post, sent, token: String(csrfToken) };
}

function postOf(content: string | Uint8Array, type = "text/plain") {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  return requestOf("http://shop.test/a?b", {
    method: "POST",
    fields: ["Content-Type", type, "X-A", "<1>"],
    body: bytesBody(bytes),
  });
}

Deno.test("the form has what was recorded, escaped", async () => {
  const { id, get, token } = await open(postOf("hello <b>"));
  const response = await get();
  const text = await response.text();

  assert.equal(response.status, 200);
  assert.match(text, /<title>[^<]*Edit and resend/);
  for (
    const part of [
      `action="/inspector/exchanges/${id}/replay"`,
      `name="token" value="${token}"`,
      'name="method" value="POST"',
      'name="url" value="http://shop.test/a?b"',
      "\nContent-Type: text/plain\nX-A: &lt;1&gt;</textarea>",
      "\nhello &lt;b&gt;</textarea>",
      '<label for="content">Body</label>',
    ]
  ) {
    assert.ok(text.includes(part), part);
  }
  // Only the remark of the page itself.
  assert.equal(text.split('class="hint"').length, 2);
});

Deno.test("content that cannot be edited has a remark and no field", async () => {
  const { get } = await open(postOf(Uint8Array.of(0, 1), "image/png"));
  const text = await (await get()).text();
  assert.doesNotMatch(text, /name="content"/);
  assert.match(text, /<p class="hint">[^<]* It is sent as recorded\.<\/p>/);
  assert.equal(text.split('class="hint"').length, 3);
});

Deno.test("content that was recorded in part has a remark and an empty field", async () => {
  const { get } = await open(postOf("x".repeat(2_000)));
  const text = await (await get()).text();
  assert.match(text, /Only part of the body was recorded: write it again\./);
  assert.match(text, /name="content"[^>]*>\n<\/textarea>/);
});

Deno.test("what was edited is sent, and leads to the new exchange", async () => {
  const { post, sent, token } = await open(postOf("hello"));
  const response = await post({
    token,
    method: "PUT",
    url: "http://other.test/c",
    fields: "X-B: 2",
    content: "changed",
  });

  assert.equal(response.status, 303);
  assert.equal(
    response.headers.get("location"),
    "/inspector/exchanges/replay-1",
  );
  const [request] = sent;
  assert.deepEqual(
    [request?.method, request?.authority, request?.path],
    ["PUT", "other.test", "/c"],
  );
  assert.equal(request?.fields.get("x-b"), "2");
  assert.equal(
    new TextDecoder().decode(await bytesOf(request?.body)),
    "changed",
  );
});

Deno.test("nothing is sent without the token, or from a form that misses parts", async () => {
  const { post, sent, token } = await open(postOf("hello"));
  const form = {
    method: "GET",
    url: "http://a.test/",
    fields: "",
    content: "",
  };
  assert.equal((await post(form)).status, 403);
  assert.equal((await post({ token })).status, 400);
  assert.deepEqual(sent, []);
});

Deno.test("only a recorded request has the page, and only a plain one", async () => {
  const upgrade = await open(upgradeOf("http://a.test/"));
  const refused = await upgrade.get();
  assert.equal(refused.status, 400);
  assert.deepEqual(await refused.json(), {
    error: "Cannot send the request again: its bytes were not recorded",
  });
  assert.equal((await upgrade.get("odd")).status, 404);
});

Deno.test("what cannot be sent is said at its field, and nothing that was typed is lost", async () => {
  const { post, sent, token } = await open(postOf("hello"));
  const good = {
    ...{ token, method: "PUT", url: "http://other.test/c" },
    ...{ fields: "X-B: 2", content: "changed" },
  };
  for (
    const [field, value] of [
      ["url", "notaurl"],
      ["url", "http:shop.test"],
      ["url", "ftp://shop.test/"],
      ["url", "http://"],
      ["url", "http://a:b@shop.test/"],
      ["method", "get"],
      ["method", "NOT A METHOD"],
      ["method", "CONNECT"],
      ["fields", "no colon"],
    ] as const
  ) {
    const response = await post({ ...good, [field]: value });
    const text = await response.text();

    assert.equal(response.status, 400, value);
    assert.match(
      text,
      new RegExp(`id="${field}-error"[^>]*role="alert">Cannot`),
    );
    assert.match(
      text,
      new RegExp(`<(?:input|textarea) id="${field}"[^>]* aria-invalid="true"`),
    );
    assert.ok(text.includes(value), value);
    assert.match(text, /\nchanged<\/textarea>/);
  }
  assert.deepEqual(sent, []);
});
