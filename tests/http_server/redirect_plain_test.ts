import assert from "node:assert/strict";
import {
  mayBeHttp,
  redirectPlain,
} from "../../src/http_server/redirect_plain.ts";
import { streamPair } from "../../src/net/stream/stream_pair.ts";
import { ByteScanner, bytesOf, textOf } from "../testing/byte_scanner.ts";

/** What a peer that sends `text` gets. */
async function replyTo(text: string): Promise<string> {
  const [near, far] = streamPair();
  const served = redirectPlain(far);
  await near.write(bytesOf(text));
  await near.closeWrite();
  const reply = textOf(await new ByteScanner(near).readAll());
  await served;
  return reply;
}

Deno.test.each([
  ["GET /a?b HTTP/1.1\r\nHost: lab.example\r\n\r\n", "https://lab.example/a?b"],
  ["GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", "https://[::1]:8443/"],
  ["OPTIONS * HTTP/1.1\r\nHost: lab.example\r\n\r\n", "https://lab.example/"],
])("redirectPlain() sends %j to the same URL with TLS", async (text, url) => {
  const reply = await replyTo(text);

  assert.match(reply, /^HTTP\/1.1 308 Permanent Redirect\r\n/);
  assert.ok(reply.includes(`\r\nLocation: ${url}\r\n`), reply);
  assert.match(reply, /\r\nConnection: close\r\n/);
});

Deno.test.each([
  "CONNECT site.test:443 HTTP/1.1\r\nHost: site.test:443\r\n\r\n",
  "GET http://site.test/ HTTP/1.1\r\nHost: site.test\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
])("redirectPlain() names what is missing in %j", async (text) => {
  assert.match(
    await replyTo(text),
    /^HTTP\/1.1 400 [^]*\r\n\r\nThis port speaks TLS: write https:\/\/ before its address\n$/,
  );
});

Deno.test("redirectPlain() reads 8 KiB at most, and responds to nothing longer", async () => {
  const reply = await replyTo(
    `GET / HTTP/1.1\r\nHost: lab.example\r\nCookie: ${
      "c".repeat(9_000)
    }\r\n\r\n`,
  );

  assert.equal(reply, "");
});

Deno.test("mayBeHttp() knows what methods begin with", () => {
  const bytes = ["G", "Z", "a", "\x05", "\x16", ""];

  assert.deepEqual(
    bytes.map((text) => mayBeHttp(bytesOf(text)[0])),
    [true, true, false, false, false, false],
  );
});
