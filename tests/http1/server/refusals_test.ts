/** Malformed messages, and those that could be read in two ways: all are refused. */
import assert from "node:assert/strict";
import { serveBytes } from "../served.ts";

/** Follows each message. A server that framed the message wrongly would serve it. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

const HOST = "Host: a.test\r\n";

interface Refusal {
  readonly what: string;
  readonly message: string;
  readonly status: number;
}

const REFUSALS: readonly Refusal[] = [
  // Framing (RFC 9112 §6).
  [
    "Content-Length beside Transfer-Encoding",
    400,
    post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "Transfer-Encoding before Content-Length",
    400,
    post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
  ],
  [
    "two different lengths",
    400,
    post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"),
  ],
  [
    "the same length twice",
    400,
    post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
  ],
  ["a list of lengths", 400, post("Content-Length: 3, 3\r\n", "abc")],
  ["a length with a sign", 400, post("Content-Length: +3\r\n", "abc")],
  ["a negative length", 400, post("Content-Length: -3\r\n", "abc")],
  ["a hexadecimal length", 400, post("Content-Length: 0x3\r\n", "abc")],
  ["a length with a space inside", 400, post("Content-Length: 1 2\r\n", "abc")],
  ["an empty length", 400, post("Content-Length:\r\n", "abc")],
  [
    "a length beyond 2^53",
    400,
    post("Content-Length: 9007199254740992\r\n", "abc"),
  ],
  [
    "a length of many digits",
    400,
    post("Content-Length: 00000000000000003\r\n", "abc"),
  ],
  ["an unknown coding alone", 400, post("Transfer-Encoding: gzip\r\n", "abc")],
  [
    "a coding before chunked",
    501,
    post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "codings on two lines",
    501,
    post(
      "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
      "0\r\n\r\n",
    ),
  ],
  [
    "chunked twice",
    400,
    post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunked before another coding",
    400,
    post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
  ],
  [
    "a coding like chunked",
    400,
    post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunked with a parameter",
    400,
    post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
  ],
  ["identity", 400, post("Transfer-Encoding: identity\r\n", "")],
  ["an empty Transfer-Encoding", 400, post("Transfer-Encoding:\r\n", "")],
  [
    "an empty coding beside chunked",
    400,
    post("Transfer-Encoding: , chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "a quoted chunked",
    400,
    post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n"),
  ],
  [
    "a vertical tab before chunked",
    400,
    post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunks from HTTP/1.0",
    400,
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  [
    "CONNECT with a length",
    400,
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 3\r\n\r\nabc",
  ],
  [
    "CONNECT with chunks",
    400,
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  // Chunks (RFC 9112 §7.1).
  ["a chunk size that overflows", 400, chunked("ffffffffffffffff\r\nabc")],
  [
    "a chunk size of 17 digits",
    400,
    chunked("00000000000000003\r\nabc\r\n0\r\n\r\n"),
  ],
  ["a chunk size with 0x", 400, chunked("0x3\r\nabc\r\n0\r\n\r\n")],
  ["a chunk size with a sign", 400, chunked("+3\r\nabc\r\n0\r\n\r\n")],
  ["a negative chunk size", 400, chunked("-3\r\nabc\r\n0\r\n\r\n")],
  ["a space before a chunk size", 400, chunked(" 3\r\nabc\r\n0\r\n\r\n")],
  ["a space after a chunk size", 400, chunked("3 \r\nabc\r\n0\r\n\r\n")],
  ["an empty chunk size", 400, chunked("\r\nabc\r\n0\r\n\r\n")],
  [
    "a chunk extension without a size",
    400,
    chunked(";a=b\r\nabc\r\n0\r\n\r\n"),
  ],
  ["a chunk size ended by LF", 400, chunked("3\nabc\r\n0\r\n\r\n")],
  ["a chunk ended by LF", 400, chunked("3\r\nabc\n0\r\n\r\n")],
  ["a chunk without CR LF behind it", 400, chunked("3\r\nabcXX0\r\n\r\n")],
  ["a chunk longer than its size", 400, chunked("3\r\nabcd\r\n0\r\n\r\n")],
  ["LF in a chunk extension", 400, chunked("3;a=\nb\r\nabc\r\n0\r\n\r\n")],
  ["CR in a chunk extension", 400, chunked("3;a=\rb\r\nabc\r\n0\r\n\r\n")],
  [
    "a long chunk extension",
    400,
    chunked(`3;${"a".repeat(2000)}\r\nabc\r\n0\r\n\r\n`),
  ],
  [
    "many chunk extensions",
    400,
    chunked(`1;${"a".repeat(900)}\r\nx\r\n`.repeat(20) + "0\r\n\r\n"),
  ],
  ["a bad trailer", 400, chunked("0\r\nA b: c\r\n\r\n")],
  ["a trailer that ends in LF", 400, chunked("0\r\nA: b\n\r\n")],
  [
    "a trailer section that is too long",
    431,
    chunked(`0\r\n${`A: ${"b".repeat(1000)}\r\n`.repeat(70)}\r\n`),
  ],
  ["too many trailers", 431, chunked(`0\r\n${"A: b\r\n".repeat(300)}\r\n`)],
  // Lines (RFC 9112 §2.2, §5).
  ["a header section of bare LF", 400, "GET / HTTP/1.1\nHost: a.test\n\n"],
  ["one bare LF", 400, `GET / HTTP/1.1\r\nA: b\n${HOST}\r\n`],
  ["a bare CR in a value", 400, get("A: b\rc\r\n")],
  ["a bare CR before CR LF", 400, get("A: b\r\r\n")],
  ["NUL in a value", 400, get("A: b\0c\r\n")],
  ["a control character in a value", 400, get("A: b\x01c\r\n")],
  ["DEL in a value", 400, get("A: b\x7fc\r\n")],
  ["a folded line", 400, get("A: b\r\n c\r\n")],
  ["a folded line with a tab", 400, get("A: b\r\n\tc\r\n")],
  ["a space before the first field", 400, `GET / HTTP/1.1\r\n ${HOST}\r\n`],
  ["a space before a colon", 400, get("Content-Length : 3\r\n")],
  ["a tab before a colon", 400, get("Content-Length\t: 3\r\n")],
  ["a name with a space", 400, get("A b: c\r\n")],
  ["an empty name", 400, get(": b\r\n")],
  ["a line without a colon", 400, get("Abc\r\n")],
  ["a name with NUL", 400, get("A\0: b\r\n")],
  ["a name with a high byte", 400, get("\xe4: b\r\n")],
  ["a name in parentheses", 400, get("A(b): c\r\n")],
  ["too many fields", 431, get("A: b\r\n".repeat(256))],
  [
    "a header section that is too long",
    431,
    get(`A: ${"b".repeat(70_000)}\r\n`),
  ],
  [
    "many short lines that are too long",
    431,
    get(`${"A: b\r\n".repeat(12_000)}`),
  ],
  // The request line (RFC 9112 §3).
  ["two spaces after the method", 400, `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  ["two spaces before the version", 400, `GET /  HTTP/1.1\r\n${HOST}\r\n`],
  ["a tab in the request line", 400, `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
  ["a space after the version", 400, `GET / HTTP/1.1 \r\n${HOST}\r\n`],
  ["a space in the target", 400, `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
  ["a high byte in the target", 400, `GET /\xe4 HTTP/1.1\r\n${HOST}\r\n`],
  ["a NUL in the target", 400, `GET /\0 HTTP/1.1\r\n${HOST}\r\n`],
  ["a method that is not a token", 400, `G(T / HTTP/1.1\r\n${HOST}\r\n`],
  ["no target", 400, `GET HTTP/1.1\r\n${HOST}\r\n`],
  ["HTTP/0.9", 400, "GET /\r\n"],
  ["HTTP/2.0", 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  ["HTTP/1.2", 505, `GET / HTTP/1.2\r\n${HOST}\r\n`],
  ["HTTP/0.9 by name", 505, `GET / HTTP/0.9\r\n${HOST}\r\n`],
  ["the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a version in lower case", 400, `GET / http/1.1\r\n${HOST}\r\n`],
  ["a version of two digits", 400, `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ["a version without a point", 400, `GET / HTTP/11\r\n${HOST}\r\n`],
  ["another protocol", 400, `GET / ICY/1.1\r\n${HOST}\r\n`],
  ["two empty lines first", 400, `\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
  ["a lone CR first", 400, `\rGET / HTTP/1.1\r\n${HOST}\r\n`],
  ["a TLS hello", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  [
    "a target that is too long",
    414,
    `GET /${"a".repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`,
  ],
  // Target and Host (RFC 9112 §3.2).
  ["no Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["no Host, absolute form", 400, "GET http://a.test/ HTTP/1.1\r\n\r\n"],
  ["two Hosts", 400, get(HOST)],
  ["two Hosts from HTTP/1.0", 400, `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`],
  ["an empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["a Host with a path", 400, "GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n"],
  ["a Host with a user", 400, "GET / HTTP/1.1\r\nHost: u@a.test\r\n\r\n"],
  ["a list of Hosts", 400, "GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n"],
  ["a Host with a bad port", 400, "GET / HTTP/1.1\r\nHost: a.test:x\r\n\r\n"],
  ["a Host with port 0", 400, "GET / HTTP/1.1\r\nHost: a.test:0\r\n\r\n"],
  [
    "a Host with a port too high",
    400,
    "GET / HTTP/1.1\r\nHost: a.test:65536\r\n\r\n",
  ],
  [
    "a bad Host beside a good target",
    400,
    "GET http://a.test/ HTTP/1.1\r\nHost: a b\r\n\r\n",
  ],
  [
    "a user in the target",
    400,
    `GET http://u:p@a.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  ["an empty authority", 400, `GET http:/// HTTP/1.1\r\n${HOST}\r\n`],
  ["another scheme", 400, `GET ftp://a.test/ HTTP/1.1\r\n${HOST}\r\n`],
  ["a fragment", 400, `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
  ["a target that is a word", 400, `GET a HTTP/1.1\r\n${HOST}\r\n`],
  ["an asterisk for GET", 400, `GET * HTTP/1.1\r\n${HOST}\r\n`],
  ["IPv6 that is not closed", 400, `GET http://[::1/ HTTP/1.1\r\n${HOST}\r\n`],
  [
    "IPv6 with a zone",
    400,
    `GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  ["CONNECT without a port", 400, `CONNECT a.test HTTP/1.1\r\n${HOST}\r\n`],
  ["CONNECT to a URL", 400, `CONNECT http://a.test/ HTTP/1.1\r\n${HOST}\r\n`],
  ["CONNECT to a path", 400, `CONNECT / HTTP/1.1\r\n${HOST}\r\n`],
  ["CONNECT with a user", 400, `CONNECT u@a.test:443 HTTP/1.1\r\n${HOST}\r\n`],
  ["CONNECT without a host", 400, `CONNECT :443 HTTP/1.1\r\n${HOST}\r\n`],
].map(([what, status, message]) => ({
  what: String(what),
  status: Number(status),
  message: String(message),
}));

for (const capacity of [65_536, 8]) {
  Deno.test.each(REFUSALS)(
    `serveHttp1() refuses $what (through ${capacity} bytes)`,
    async ({ message, status }) => {
      const { answer, seen } = await serveBytes(message + SMUGGLED, {
        capacity,
      });

      const [head = "", body = ""] = answer.split("\r\n\r\n");
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
      assert.match(head, /\r\nConnection: close$/m);
      assert.match(body, /^Cannot read the message: [^\r\n]+\n$/);
      assert.deepEqual(seen.filter((line) => line.includes("smuggled")), []);
    },
  );
}

Deno.test("serveHttp1() does not call the handler for a header section it refuses", async () => {
  const { seen } = await serveBytes(get("A : b\r\n") + SMUGGLED);

  assert.deepEqual(seen, []);
});

Deno.test("serveHttp1() does not repeat the request in the refusal", async () => {
  const { answer } = await serveBytes(get("<script>: b\r\n"));

  assert.doesNotMatch(answer, /script/);
});

function get(fields: string): string {
  return `GET / HTTP/1.1\r\n${HOST}${fields}\r\n`;
}

function post(fields: string, content: string): string {
  return `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${content}`;
}

function chunked(content: string): string {
  return post("Transfer-Encoding: chunked\r\n", content);
}
