import assert from "node:assert/strict";
import { readHar } from "../../../src/inspector/har/read_har.ts";

const decode = (bytes: Uint8Array | undefined) =>
  new TextDecoder().decode(bytes);

/** A file with one entry. */
function har(request: unknown, response: unknown = {}): string {
  return `\uFEFF${
    JSON.stringify({ log: { entries: [{ request, response }] } })
  }`;
}

Deno.test("readHar() reads a request and its response", () => {
  const [exchange] = readHar(har({
    method: "POST",
    url: "https://a.test/b?c=d",
    headers: [
      { name: ":path", value: "/b" },
      { name: "Host", value: "a.test" },
      { name: "Accept", value: "*/*" },
    ],
    postData: { text: "sent" },
  }, {
    status: 201,
    headers: [
      { name: "content-encoding", value: "gzip" },
      { name: "Set-Cookie", value: "a=1" },
      { name: "Set-Cookie", value: "b=2" },
    ],
    content: { text: btoa("received"), encoding: "base64" },
  }));

  const { response, url, ...request } = exchange ?? assert.fail();
  assert.deepEqual(request, {
    method: "POST",
    fields: ["Accept", "*/*"],
    content: "sent",
  });
  assert.equal(url.href, "https://a.test/b?c=d");
  assert.equal(response?.status, 201);
  assert.deepEqual(response.fields, ["Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
  assert.equal(decode(response.content), "received");
});

Deno.test("readHar() leaves out what is not HTTP, and responses that never came", () => {
  assert.deepEqual(readHar(har({ url: "data:text/plain,x" })), []);
  assert.deepEqual(readHar(har({})), []);
  const connect = { method: "CONNECT", url: "https://a.test/" };
  assert.deepEqual(readHar(har(connect)), []);
  const [exchange] = readHar(har({ url: "http://a.test/" }, { status: 0 }));
  assert.equal(exchange?.response, undefined);
});

Deno.test("readHar() takes text for what it is where base64 is wrong", () => {
  const content = { text: "plain text", encoding: "base64" };
  const [exchange] = readHar(
    har({ url: "http://a.test/" }, { status: 200, content }),
  );
  assert.equal(decode(exchange?.response?.content), "plain text");
});

Deno.test.each(["x", "{}", "null", '{"log":[]}'])(
  "readHar() refuses %s",
  (text) => {
    assert.throws(() => readHar(text), SyntaxError);
  },
);
