/** Malformed messages, and those that could be read in two ways: all are refused. */
import assert from "node:assert/strict";
import { serveBytes } from "../served.ts";

/** Follows each message. A server that framed the message wrongly would serve it. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

const HOST = "Host: a.test\r\n";

interface Refusal {
  readonly what: string;
  readonly status: number;
  /** What the refusal says: another reason would hide that this one is not seen. */
  readonly reason: string;
  readonly message: string;
}

const REFUSALS: readonly Refusal[] = [
  // Framing (RFC 9112 §6).
  [
    "Content-Length beside Transfer-Encoding",
    400,
    "it has both Content-Length and Transfer-Encoding",
    post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "Transfer-Encoding before Content-Length",
    400,
    "it has both Content-Length and Transfer-Encoding",
    post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
  ],
  [
    "two different lengths",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"),
  ],
  [
    "the same length twice",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
  ],
  [
    "a list of lengths",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 3, 3\r\n", "abc"),
  ],
  [
    "a length with a sign",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: +3\r\n", "abc"),
  ],
  [
    "a negative length",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: -3\r\n", "abc"),
  ],
  [
    "a hexadecimal length",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 0x3\r\n", "abc"),
  ],
  [
    "a length with a space inside",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 1 2\r\n", "abc"),
  ],
  [
    "an empty length",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length:\r\n", "abc"),
  ],
  [
    "a length beyond 2^53",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 9007199254740992\r\n", "abc"),
  ],
  [
    "a length of many digits",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 00000000000000003\r\n", "abc"),
  ],
  [
    "an unknown coding alone",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: gzip\r\n", "abc"),
  ],
  [
    "a coding before chunked",
    501,
    "its Transfer-Encoding is not just chunked",
    post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "codings on two lines",
    501,
    "its Transfer-Encoding is not just chunked",
    post(
      "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
      "0\r\n\r\n",
    ),
  ],
  [
    "chunked twice",
    400,
    "Transfer-Encoding is not a list of codings that ends in chunked",
    post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunked before another coding",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
  ],
  [
    "a coding like chunked",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunked with a parameter",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
  ],
  [
    "a no-break space after chunked",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: chunked\xa0\r\n", "0\r\n\r\n"),
  ],
  [
    "a no-break space before chunked",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: \xa0chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "a no-break space after a length",
    400,
    "Content-Length is not a number of bytes",
    post("Content-Length: 3\xa0\r\n", "abc"),
  ],
  [
    "identity",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding: identity\r\n", ""),
  ],
  [
    "an empty Transfer-Encoding",
    400,
    "Transfer-Encoding does not end in chunked",
    post("Transfer-Encoding:\r\n", ""),
  ],
  [
    "an empty coding beside chunked",
    400,
    "Transfer-Encoding is not a list of codings that ends in chunked",
    post("Transfer-Encoding: , chunked\r\n", "0\r\n\r\n"),
  ],
  [
    "a quoted chunked",
    400,
    "Transfer-Encoding does not end in chunked",
    post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n"),
  ],
  [
    "a vertical tab before chunked",
    400,
    'the field "Transfer-Encoding" has the byte 0x0b in its value',
    post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"),
  ],
  [
    "chunks from HTTP/1.0",
    400,
    "HTTP/1.0 has no Transfer-Encoding",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  [
    "CONNECT with a length",
    400,
    "CONNECT has no content",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 3\r\n\r\nabc",
  ],
  [
    "CONNECT with chunks",
    400,
    "CONNECT has no content",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  // Chunks (RFC 9112 §7.1).
  [
    "a chunk size that overflows",
    400,
    "a chunk size is too large",
    chunked("ffffffffffffffff\r\nabc"),
  ],
  [
    "a chunk size of 17 digits",
    400,
    "a chunk size is too large",
    chunked("00000000000000003\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk size with 0x",
    400,
    "a chunk size is not hexadecimal but has the byte 0x78",
    chunked("0x3\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk size with a sign",
    400,
    "a chunk size is not hexadecimal but has the byte 0x2b",
    chunked("+3\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a negative chunk size",
    400,
    "a chunk size is not hexadecimal but has the byte 0x2d",
    chunked("-3\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a space before a chunk size",
    400,
    "a chunk size is not hexadecimal but has a space",
    chunked(" 3\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a space after a chunk size",
    400,
    "a chunk size is not hexadecimal but has a space",
    chunked("3 \r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "an empty chunk size",
    400,
    "a chunk has no size",
    chunked("\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk extension without a size",
    400,
    "a chunk has no size",
    chunked(";a=b\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk size ended by LF",
    400,
    "a chunk size is not hexadecimal but has an LF",
    chunked("3\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk ended by LF",
    400,
    "a chunk is longer than its size",
    chunked("3\r\nabc\n0\r\n\r\n"),
  ],
  [
    "a chunk without CR LF behind it",
    400,
    "a chunk is longer than its size",
    chunked("3\r\nabcXX0\r\n\r\n"),
  ],
  [
    "a chunk longer than its size",
    400,
    "a chunk is longer than its size",
    chunked("3\r\nabcd\r\n0\r\n\r\n"),
  ],
  [
    "LF in a chunk extension",
    400,
    "a chunk size is not hexadecimal but has an LF",
    chunked("3;a=\nb\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "CR in a chunk extension",
    400,
    "a CR stands alone",
    chunked("3;a=\rb\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a long chunk extension",
    400,
    "its chunk extensions are too long",
    chunked(`3;${"a".repeat(2000)}\r\nabc\r\n0\r\n\r\n`),
  ],
  [
    "many chunk extensions",
    400,
    "its chunk extensions are too long",
    chunked(`1;${"a".repeat(900)}\r\nx\r\n`.repeat(20) + "0\r\n\r\n"),
  ],
  [
    "a chunk extension without a name",
    400,
    "a chunk extension has no name",
    chunked("3;\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a second chunk extension without a name",
    400,
    "a chunk extension has no name",
    chunked("3;a=b;\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk extension with only a value",
    400,
    "a chunk extension has no name",
    chunked("3;=b\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk extension without its value",
    400,
    "a chunk extension has no value",
    chunked("3;a=\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a chunk extension with a string that is not closed",
    400,
    "a chunk extension has no value",
    chunked('3;a="b\r\nabc\r\n0\r\n\r\n'),
  ],
  [
    "a chunk extension with a string closed by an escaped quote",
    400,
    "a chunk extension has no value",
    chunked('3;a="b\\"\r\nabc\r\n0\r\n\r\n'),
  ],
  [
    "a word behind a chunk extension",
    400,
    "a chunk extension has no name",
    chunked("3;a b\r\nabc\r\n0\r\n\r\n"),
  ],
  [
    "a folded trailer",
    400,
    "a field has no name, its line begins with a space",
    chunked("0\r\nA: b\r\n c\r\n\r\n"),
  ],
  [
    "a bad trailer",
    400,
    'the field name "A" is followed by a space, not by a colon',
    chunked("0\r\nA b: c\r\n\r\n"),
  ],
  [
    "a trailer that ends in LF",
    400,
    "line 1 ends without CR",
    chunked("0\r\nA: b\n\r\n"),
  ],
  [
    "a trailer section that is too long",
    431,
    "its trailer section is over 65536 bytes",
    chunked(`0\r\n${`A: ${"b".repeat(1000)}\r\n`.repeat(70)}\r\n`),
  ],
  [
    "too many trailers",
    431,
    "it has over 256 field lines",
    chunked(`0\r\n${"A: b\r\n".repeat(300)}\r\n`),
  ],
  // Lines (RFC 9112 §2.2, §5).
  [
    "a header section of bare LF",
    400,
    "line 1 ends without CR",
    "GET / HTTP/1.1\nHost: a.test\n\n",
  ],
  [
    "one bare LF",
    400,
    "line 2 ends without CR",
    `GET / HTTP/1.1\r\nA: b\n${HOST}\r\n`,
  ],
  [
    "a bare CR in a value",
    400,
    'the field "A" has a CR in its value',
    get("A: b\rc\r\n"),
  ],
  [
    "a bare CR before CR LF",
    400,
    'the field "A" has a CR in its value',
    get("A: b\r\r\n"),
  ],
  [
    "NUL in a value",
    400,
    'the field "A" has the byte 0x00 in its value',
    get("A: b\0c\r\n"),
  ],
  [
    "a control character in a value",
    400,
    'the field "A" has the byte 0x01 in its value',
    get("A: b\x01c\r\n"),
  ],
  [
    "DEL in a value",
    400,
    'the field "A" has the byte 0x7f in its value',
    get("A: b\x7fc\r\n"),
  ],
  [
    "a folded line",
    400,
    "a field has no name, its line begins with a space",
    get("A: b\r\n c\r\n"),
  ],
  [
    "a folded line with a tab",
    400,
    "a field has no name, its line begins with a tab",
    get("A: b\r\n\tc\r\n"),
  ],
  [
    "a space before the first field",
    400,
    "a field has no name, its line begins with a space",
    `GET / HTTP/1.1\r\n ${HOST}\r\n`,
  ],
  [
    "a space before a colon",
    400,
    'the field name "Content-Length" is followed by a space, not by a colon',
    get("Content-Length : 3\r\n"),
  ],
  [
    "a tab before a colon",
    400,
    'the field name "Content-Length" is followed by a tab, not by a colon',
    get("Content-Length\t: 3\r\n"),
  ],
  [
    "a name with a space",
    400,
    'the field name "A" is followed by a space, not by a colon',
    get("A b: c\r\n"),
  ],
  [
    "an empty name",
    400,
    "a field has no name, its line begins with the byte 0x3a",
    get(": b\r\n"),
  ],
  [
    "a line without a colon",
    400,
    'the field name "Abc" is followed by a CR, not by a colon',
    get("Abc\r\n"),
  ],
  [
    "a name with NUL",
    400,
    'the field name "A" is followed by the byte 0x00, not by a colon',
    get("A\0: b\r\n"),
  ],
  [
    "a name with a high byte",
    400,
    "a field has no name, its line begins with the byte 0xe4",
    get("\xe4: b\r\n"),
  ],
  [
    "a name in parentheses",
    400,
    'the field name "A" is followed by the byte 0x28, not by a colon',
    get("A(b): c\r\n"),
  ],
  [
    "too many fields",
    431,
    "it has over 256 field lines",
    get("A: b\r\n".repeat(256)),
  ],
  [
    "a header section that is too long",
    431,
    "its header section is over 65536 bytes",
    get(`A: ${"b".repeat(70_000)}\r\n`),
  ],
  [
    "many short lines that are too long",
    431,
    "its header section is over 65536 bytes",
    get(`${"A: b\r\n".repeat(12_000)}`),
  ],
  // The request line (RFC 9112 §3).
  [
    "two spaces after the method",
    400,
    "the target is not followed by one space and a version",
    `GET  / HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "two spaces before the version",
    400,
    "the HTTP version is missing",
    `GET /  HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a tab in the request line",
    400,
    "the method is not followed by one space",
    `GET\t/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a space after the version",
    400,
    "its first line has a space",
    `GET / HTTP/1.1 \r\n${HOST}\r\n`,
  ],
  [
    "a space in the target",
    400,
    "the HTTP version is missing",
    `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a high byte in the target",
    400,
    "the target is not followed by one space and a version",
    `GET /\xe4 HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a NUL in the target",
    400,
    "the target is not followed by one space and a version",
    `GET /\0 HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a method that is not a token",
    400,
    "the method is not followed by one space",
    `G(T / HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "no target",
    400,
    "the target is not followed by one space and a version",
    `GET HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "HTTP/0.9",
    400,
    "the target is not followed by one space and a version",
    "GET /\r\n",
  ],
  [
    "HTTP/2.0",
    505,
    "it is HTTP/2.0, use HTTP/1.1",
    `GET / HTTP/2.0\r\n${HOST}\r\n`,
  ],
  [
    "HTTP/1.2",
    505,
    "it is HTTP/1.2, use HTTP/1.1",
    `GET / HTTP/1.2\r\n${HOST}\r\n`,
  ],
  [
    "HTTP/0.9 by name",
    505,
    "it is HTTP/0.9, use HTTP/1.1",
    `GET / HTTP/0.9\r\n${HOST}\r\n`,
  ],
  [
    "the preface of HTTP/2",
    505,
    "it is HTTP/2.0, use HTTP/1.1",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ],
  [
    "a version in lower case",
    400,
    "the HTTP version is missing",
    `GET / http/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a version of two digits",
    400,
    "its first line has the byte 0x30",
    `GET / HTTP/1.10\r\n${HOST}\r\n`,
  ],
  [
    "a version without a point",
    400,
    "the HTTP version is not like 1.1",
    `GET / HTTP/11\r\n${HOST}\r\n`,
  ],
  [
    "another protocol",
    400,
    "the HTTP version is missing",
    `GET / ICY/1.1\r\n${HOST}\r\n`,
  ],
  [
    "two empty lines first",
    400,
    "it begins with a CR",
    `\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a lone CR first",
    400,
    "a CR stands alone",
    `\rGET / HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a TLS hello",
    400,
    "it is TLS, where plain HTTP is expected",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  ],
  [
    "a target that is too long",
    414,
    "its start line is over 32768 bytes",
    `GET /${"a".repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`,
  ],
  // Target and Host (RFC 9112 §3.2).
  ["no Host", 400, "it has no Host", "GET / HTTP/1.1\r\n\r\n"],
  [
    "no Host, absolute form",
    400,
    "it has no Host",
    "GET http://a.test/ HTTP/1.1\r\n\r\n",
  ],
  ["two Hosts", 400, "it has more than one Host", get(HOST)],
  [
    "two Hosts from HTTP/1.0",
    400,
    "it has more than one Host",
    `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`,
  ],
  ["an empty Host", 400, "Host is empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  [
    "a Host with a path",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n",
  ],
  [
    "a Host with a user",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: u@a.test\r\n\r\n",
  ],
  [
    "a list of Hosts",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n",
  ],
  [
    "a Host with a bad port",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: a.test:x\r\n\r\n",
  ],
  [
    "a Host with port 0",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: a.test:0\r\n\r\n",
  ],
  [
    "a Host with a port too high",
    400,
    "Host is not host or host:port",
    "GET / HTTP/1.1\r\nHost: a.test:65536\r\n\r\n",
  ],
  [
    "a bad Host beside a good target",
    400,
    "Host is not host or host:port",
    "GET http://a.test/ HTTP/1.1\r\nHost: a b\r\n\r\n",
  ],
  [
    "a user in the target",
    400,
    "the authority of the target is not host or host:port",
    `GET http://u:p@a.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "an empty authority",
    400,
    "the authority of the target is not host or host:port",
    `GET http:/// HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "another scheme",
    400,
    "the target is neither a path nor an http or https URL",
    `GET ftp://a.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a WebSocket URL without an Upgrade",
    400,
    "a ws URL is the target, but it opens no WebSocket",
    `GET ws://a.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a WebSocket URL with another Upgrade",
    400,
    "a wss URL is the target, but it opens no WebSocket",
    `GET wss://a.test/ HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: tls\r\n\r\n`,
  ],
  [
    "a fragment",
    400,
    "the target has a fragment",
    `GET /a#b HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "a target that is a word",
    400,
    "the target is neither a path nor an http or https URL",
    `GET a HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "an asterisk for GET",
    400,
    "the target is neither a path nor an http or https URL",
    `GET * HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "IPv6 that is not closed",
    400,
    "the authority of the target is not host or host:port",
    `GET http://[::1/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "IPv6 with a zone",
    400,
    "the authority of the target is not host or host:port",
    `GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "CONNECT without a port",
    400,
    "the target of CONNECT is not host:port",
    `CONNECT a.test HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "CONNECT to a URL",
    400,
    "the target of CONNECT is not host:port",
    `CONNECT http://a.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "CONNECT to a path",
    400,
    "the target of CONNECT is not host:port",
    `CONNECT / HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "CONNECT with a user",
    400,
    "the target of CONNECT is not host:port",
    `CONNECT u@a.test:443 HTTP/1.1\r\n${HOST}\r\n`,
  ],
  [
    "CONNECT without a host",
    400,
    "the target of CONNECT is not host:port",
    `CONNECT :443 HTTP/1.1\r\n${HOST}\r\n`,
  ],
].map(([what, status, reason, message]) => ({
  what: String(what),
  status: Number(status),
  reason: String(reason),
  message: String(message),
}));

for (const capacity of [65_536, 8]) {
  Deno.test.each(REFUSALS)(
    `serveHttp1() refuses $what (through ${capacity} bytes)`,
    async ({ message, status, reason }) => {
      const { answer, seen } = await serveBytes(message + SMUGGLED, {
        capacity,
      });

      const [head = "", body = ""] = answer.split("\r\n\r\n");
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
      assert.match(head, /\r\nConnection: close$/m);
      assert.equal(body, `Cannot read the message: ${reason}\n`);
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
