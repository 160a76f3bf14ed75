/**
 * Requests whose end has been found in two places by servers and proxies:
 * `Content-Length`, `Transfer-Encoding`, chunks, trailers. Written from RFC 9112,
 * and from the classes of what differential testing (HTTP Garden) and the tests
 * of Go's net/http, h11 and gunicorn have found.
 *
 * @module
 */
import { read, refused, type Row } from "./row.ts";

const LENGTH = "Content-Length is not a number of bytes";
const CODING = "Transfer-Encoding does not end in chunked";
const CODINGS = "not a list of codings that ends in chunked";
const BOTH = "both Content-Length and Transfer-Encoding";
const NO_HEX = "a chunk size is not hexadecimal";
const LONG = "a chunk is longer than its size";

/** A request with these field lines and content. */
function post(lines: readonly string[], content = "hello"): string {
  return ["POST / HTTP/1.1", "Host: a.test", ...lines, "", content]
    .join("\r\n");
}

/** A request in chunks, as sent. */
function chunked(content: string): string {
  return post(["Transfer-Encoding: chunked"], content);
}

function length(value: string): string {
  return post([`Content-Length: ${value}`]);
}

function coding(value: string): string {
  return post([`Transfer-Encoding: ${value}`], "5\r\nhello\r\n0\r\n\r\n");
}

const HELLO = "POST /|hello";

const LENGTHS: readonly Row[] = [
  read("a number", length("5"), HELLO),
  read("zeros before it", length("0005"), HELLO),
  read("spaces and tabs around it", length(" \t5\t "), HELLO),
  read("nothing", post([], ""), "POST /|"),
  refused("a sign", LENGTH, length("+5")),
  refused("a minus", LENGTH, length("-5")),
  refused("a minus before 0", LENGTH, length("-0")),
  refused("hexadecimal", LENGTH, length("0x5")),
  refused("octal", LENGTH, length("0o5")),
  refused("a separator", LENGTH, length("5_0")),
  refused("an exponent", LENGTH, length("5e0")),
  refused("a point", LENGTH, length("5.0")),
  refused("a space inside", LENGTH, length("5 0")),
  refused("a quoted number", LENGTH, length('"5"')),
  refused("a unit", LENGTH, length("5b")),
  refused("a parameter", LENGTH, length("5;a=b")),
  refused("nothing after the colon", LENGTH, length("")),
  refused("digits of another script", LENGTH, length("\xd9\xa5")),
  refused("a superscript", LENGTH, length("\xb9")),
  refused("a space beyond ASCII before it", LENGTH, length("\xa05")),
  refused("a space beyond ASCII after it", LENGTH, length("5\xa0")),
  refused("a list of equal ones", LENGTH, length("5, 5")),
  refused("a list with an empty member", LENGTH, length("5,")),
  refused("a list of different ones", LENGTH, length("5, 6")),
  refused("2^53", LENGTH, length("9007199254740992")),
  refused("2^64 + 5", LENGTH, length("18446744073709551621")),
  refused(
    "two lines",
    LENGTH,
    post(["Content-Length: 5", "content-length: 5"]),
  ),
  refused(
    "two lines that differ",
    LENGTH,
    post(["Content-Length: 5", "Content-Length: 6"]),
  ),
  refused(
    "it with CONNECT",
    "CONNECT has no content",
    "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello",
  ),
];

const CODING_ROWS: readonly Row[] = [
  read("chunked", coding("chunked"), HELLO),
  read("capitals", coding("CHUNKED"), HELLO),
  read("spaces and tabs around it", coding(" \tchunked\t "), HELLO),
  refused("a space beyond ASCII after it", CODING, coding("chunked\xa0")),
  refused("a space beyond ASCII before it", CODING, coding("\xa0chunked")),
  refused("a next line after it", CODING, coding("chunked\x85")),
  refused("nothing", CODING, coding("")),
  refused("identity", CODING, coding("identity")),
  refused("another coding", CODING, coding("gzip")),
  refused("a word like it", CODING, coding("xchunked")),
  refused("a word that begins like it", CODING, coding("chunkedx")),
  refused("quotes", CODING, coding('"chunked"')),
  refused("apostrophes", CODING, coding("'chunked'")),
  refused("a parameter", CODING, coding("chunked;a=b")),
  refused("a colon", CODING, coding(": chunked")),
  refused("a semicolon for a comma", CODING, coding("gzip;chunked")),
  refused("a space for a comma", CODING, coding("identity chunked")),
  refused("another one after it", CODING, coding("chunked, identity")),
  refused("a comma after it", CODING, coding("chunked,")),
  refused("a comma before it", CODINGS, coding(", chunked")),
  refused("it twice", CODINGS, coding("chunked, chunked")),
  refused("a coding that is no token", CODINGS, coding("a b, chunked")),
  refused("a coding before it", "is not just chunked", coding("gzip, chunked")),
  refused(
    "two lines",
    CODINGS,
    post(["Transfer-Encoding: chunked", "transfer-encoding: chunked"]),
  ),
  refused(
    "a second line",
    CODING,
    post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"]),
  ),
  refused(
    "a length before it",
    BOTH,
    post(["Content-Length: 5", "Transfer-Encoding: chunked"]),
  ),
  refused(
    "a length after it",
    BOTH,
    post(["Transfer-Encoding: chunked", "Content-Length: 5"]),
  ),
  refused(
    "a length beside another coding",
    BOTH,
    post(["Transfer-Encoding: identity", "Content-Length: 5"]),
  ),
  refused(
    "it in HTTP/1.0",
    "HTTP/1.0 has no Transfer-Encoding",
    "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ),
];

const CHUNKS: readonly Row[] = [
  refused(
    "an extension without a name",
    "extension",
    chunked("5;\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "spaces after a size",
    "not hexadecimal but has a space",
    chunked("5  \r\nhello\r\n0\r\n\r\n"),
  ),
  read(
    "capital digits",
    chunked("A\r\n0123456789\r\n0\r\n\r\n"),
    "POST /|0123456789",
  ),
  read("zeros before a size", chunked("005\r\nhello\r\n000\r\n\r\n"), HELLO),
  read("an extension", chunked("5;a=b\r\nhello\r\n0;c\r\n\r\n"), HELLO),
  read("a quoted extension", chunked('5;a="b;c"\r\nhello\r\n0\r\n\r\n'), HELLO),
  read(
    "a message in the content",
    chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
    "POST /|0\r\n\r\n",
  ),
  refused("no size", "a chunk has no size", chunked("\r\nhello\r\n0\r\n\r\n")),
  refused(
    "an extension without a size",
    "a chunk has no size",
    chunked(";a\r\nhello\r\n0\r\n\r\n"),
  ),
  refused("a prefix", NO_HEX, chunked("0x5\r\nhello\r\n0\r\n\r\n")),
  refused("a sign", NO_HEX, chunked("+5\r\nhello\r\n0\r\n\r\n")),
  refused("a minus", NO_HEX, chunked("-5\r\nhello\r\n0\r\n\r\n")),
  refused("a separator", NO_HEX, chunked("0_5\r\nhello\r\n0\r\n\r\n")),
  refused("a letter", NO_HEX, chunked("5g\r\nhello\r\n0\r\n\r\n")),
  refused("a space before a size", NO_HEX, chunked(" 5\r\nhello\r\n0\r\n\r\n")),
  refused("a NUL after a size", NO_HEX, chunked("5\0\r\nhello\r\n0\r\n\r\n")),
  refused("words after a size", NO_HEX, chunked("5 a\r\nhello\r\n0\r\n\r\n")),
  refused(
    "a vertical tab after a size",
    NO_HEX,
    chunked("5\x0b\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a byte beyond ASCII",
    NO_HEX,
    chunked("5\xa0\r\nhello\r\n0\r\n\r\n"),
  ),
  refused("an LF after a size", NO_HEX, chunked("5\nhello\r\n0\r\n\r\n")),
  refused(
    "a CR after a size",
    "a CR stands alone",
    chunked("5\rhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a size of 2^64 + 5",
    "too large",
    chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a size of 2^63",
    "too large",
    chunked("8000000000000000\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a size of 17 digits",
    "too large",
    chunked("00000000000000005\r\nhello\r\n0\r\n\r\n"),
  ),
  refused("an LF in an extension", NO_HEX, chunked("5;a\nhello\r\n0\r\n\r\n")),
  refused(
    "a CR in an extension",
    "a CR stands alone",
    chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a NUL in an extension",
    NO_HEX,
    chunked("5;a\0\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "a long extension",
    "too long",
    chunked(`5;${"a".repeat(2000)}\r\nhello\r\n0\r\n\r\n`),
  ),
  refused(
    "more content than its size",
    LONG,
    chunked("4\r\nhello\r\n0\r\n\r\n"),
  ),
  refused("an LF after content", LONG, chunked("5\r\nhello\n0\r\n\r\n")),
  refused("two LF after content", LONG, chunked("5\r\nhello\n\n0\r\n\r\n")),
  refused("nothing after content", LONG, chunked("5\r\nhello0\r\n\r\n")),
  refused(
    "less content than its size",
    LONG,
    chunked("6\r\nhello\r\n0\r\n\r\n"),
  ),
  refused(
    "an LF after the last size",
    NO_HEX,
    chunked("5\r\nhello\r\n0\n\r\n"),
  ),
];

const TRAILERS: readonly Row[] = [
  read("a trailer", chunked("5\r\nhello\r\n0\r\nT: a\r\n\r\n"), HELLO),
  read(
    "a length",
    chunked("5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n"),
    HELLO,
  ),
  read(
    "a coding",
    chunked("5\r\nhello\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n"),
    HELLO,
  ),
  read("a host", chunked("5\r\nhello\r\n0\r\nHost: b.test\r\n\r\n"), HELLO),
  refused(
    "a folded line",
    "a field has no name, its line begins with a space",
    chunked("0\r\nT: a\r\n b\r\n\r\n"),
  ),
  refused(
    "a space before a colon",
    'the field name "T" is followed by a space, not by a colon',
    chunked("0\r\nT : a\r\n\r\n"),
  ),
  refused(
    "no colon",
    'the field name "T" is followed by a CR, not by a colon',
    chunked("0\r\nT\r\n\r\n"),
  ),
  refused(
    "a NUL",
    'the field "T" has the byte 0x00 in its value',
    chunked("0\r\nT: a\0\r\n\r\n"),
  ),
  refused("a bare LF", "ends without CR", chunked("0\r\nT: a\n\r\n")),
  refused(
    "a bare CR",
    'the field "T" has a CR in its value',
    chunked("0\r\nT: a\rb\r\n\r\n"),
  ),
  refused("an LF for the empty line", "ends without CR", chunked("0\r\n\n")),
];

/** All rows about where requests end. */
export const REQUEST_CONTENT: Readonly<Record<string, readonly Row[]>> = {
  "Content-Length": LENGTHS,
  "Transfer-Encoding": CODING_ROWS,
  "chunk": CHUNKS,
  "trailer": TRAILERS,
};
