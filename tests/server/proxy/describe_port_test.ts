/** What people see who open a proxy port as a site. */
import assert from "node:assert/strict";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { describePort } from "../../../src/server/proxy/describe_port.ts";
import { contextOf, plain, readBody } from "../../http1/served.ts";

function request(
  changes: Partial<PlainRequest> = {},
  fields: string[] = [],
): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "10.0.0.1:3128",
    path: "/",
    isOriginForm: true,
    fields: new Fields(fields),
    body: undefined,
    ...changes,
  };
}

async function visit(asked: ProxyRequest) {
  const describe = describePort(
    () => Promise.resolve(plain(204, "next")),
    { port: () => 3128 },
  );
  const response = await describe(asked, contextOf());
  assert.ok(response.kind === "response");
  const { status, fields, body } = response;
  return {
    status,
    fields,
    text: body === undefined ? undefined : await readBody(body),
  };
}

Deno.test("a program gets one line that says how the port is used", async () => {
  const { status, fields, text = "" } = await visit(request());
  assert.equal(status, 200);
  assert.equal(
    text,
    "This is the proxy of a Sallyport server, and no site. Set browsers to " +
      "the proxy http://10.0.0.1:3128, with <user>+<tunnel name> as user name " +
      "and the access key as password, or to the settings at /proxy.pac.\n",
  );
  assert.deepEqual([...fields], [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(text.length)],
    ["Content-Security-Policy", "default-src 'none'"],
    ["X-Content-Type-Options", "nosniff"],
    ["Cache-Control", "no-store"],
  ]);
});

Deno.test("a browser gets a page", async () => {
  const asked = request({}, ["Accept", "text/html,application/xml;q=0.9"]);
  const { fields, text = "" } = await visit(asked);
  assert.equal(fields.get("content-type"), "text/html; charset=utf-8");
  assert.match(text, /^<!doctype html>/);
  assert.match(text, /<code>http:\/\/10\.0\.0\.1:3128<\/code>/);
  assert.match(text, /<a href="\/proxy\.pac">/);
});

Deno.test("other paths of the port are not found, with the same words", async () => {
  const { status, text } = await visit(request({ path: "/index.html" }));
  assert.equal(status, 404);
  assert.match(text ?? "", /^This is the proxy of a Sallyport server/);
});

Deno.test("HEAD gets the length without the text", async () => {
  const { text: whole = "" } = await visit(request());
  const { status, fields, text } = await visit(request({ method: "HEAD" }));
  assert.equal(status, 200);
  assert.equal(text, undefined);
  assert.equal(fields.get("content-length"), String(whole.length));
});

/** What does not count as a visit → the request. */
const OTHERS: Readonly<Record<string, ProxyRequest>> = {
  "a request with credentials": request({}, ["Proxy-Authorization", "Basic a"]),
  "a request through the proxy": request({ isOriginForm: false }),
  "a request with content": request({ method: "POST" }),
  "a request for another port": request({ authority: "10.0.0.1:8080" }),
  "CONNECT": {
    ...{ kind: "connect", method: "CONNECT", authority: "10.0.0.1:3128" },
    fields: new Fields(),
  },
  "an upgrade": {
    ...{ kind: "upgrade", method: "GET", scheme: "http", path: "/" },
    ...{ authority: "10.0.0.1:3128", protocol: "websocket" },
    ...{ isOriginForm: true, fields: new Fields() },
  },
};

for (const [what, asked] of Object.entries(OTHERS)) {
  Deno.test(`${what} goes on`, async () => {
    const { status, text } = await visit(asked);
    assert.deepEqual([status, text], [204, "next"]);
  });
}
