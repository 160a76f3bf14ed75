/**
 * Responses that have been read in two ways by clients and proxies. Written from
 * RFC 9112 and from the classes of what differential testing (HTTP Garden) and
 * the tests of Go's net/http and h11 have found.
 *
 * @module
 */
import { read, refused, type Row } from "./row.ts";

const STATUS = "the status is not three digits";
const BETWEEN = "the status is not between two spaces";
const LENGTH = "Content-Length is not a number of bytes";

/** A response with this status line. */
function line(text: string): string {
  return `${text}\r\nContent-Length: 2\r\n\r\nok`;
}

/** A response with these field lines and content. */
function fields(lines: readonly string[], content = "ok"): string {
  return ["HTTP/1.1 200 OK", ...lines, "", content].join("\r\n");
}

function length(value: string): string {
  return fields([`Content-Length: ${value}`]);
}

function chunked(content: string): string {
  return fields(["Transfer-Encoding: chunked"], content);
}

const START_LINES: readonly Row[] = [
  read("a reason", line("HTTP/1.1 200 OK"), "200|ok"),
  read("no reason", line("HTTP/1.1 200 "), "200|ok"),
  read("no space after the status", line("HTTP/1.1 200"), "200|ok"),
  read("two spaces before the reason", line("HTTP/1.1 200  OK"), "200|ok"),
  read("a reason beyond ASCII", line("HTTP/1.1 200 \xe9\xff"), "200|ok"),
  read("an unknown status", line("HTTP/1.1 799 Odd"), "799|ok"),
  read("status 999", line("HTTP/1.1 999 Odd"), "999|ok"),
  read("HTTP/1.0", line("HTTP/1.0 200 OK"), "200|ok"),
  read("HTTP/1.2", line("HTTP/1.2 200 OK"), "200|ok"),
  read("an empty line before it", "\r\n" + line("HTTP/1.1 200 OK"), "200|ok"),
  refused("a letter in the status", STATUS, line("HTTP/1.1 2x0 OK")),
  refused("two digits", STATUS, line("HTTP/1.1 20 OK")),
  refused("one digit", STATUS, line("HTTP/1.1 2 OK")),
  refused("four digits", BETWEEN, line("HTTP/1.1 2000 OK")),
  refused("no space before the reason", BETWEEN, line("HTTP/1.1 200OK")),
  refused("a tab after the status", BETWEEN, line("HTTP/1.1 200\tOK")),
  refused("a tab before the status", BETWEEN, line("HTTP/1.1\t200 OK")),
  refused("two spaces before the status", STATUS, line("HTTP/1.1  200 OK")),
  refused("a minus", STATUS, line("HTTP/1.1 -20 OK")),
  refused("a plus", STATUS, line("HTTP/1.1 +20 OK")),
  refused("a status below 100", "below 100", line("HTTP/1.1 099 OK")),
  refused("no status", STATUS, line("HTTP/1.1")),
  refused(
    "a NUL in the reason",
    "its first line has the byte 0x00",
    line("HTTP/1.1 200 O\0K"),
  ),
  refused(
    "a control in the reason",
    "its first line has the byte 0x01",
    line("HTTP/1.1 200 O\x01K"),
  ),
  refused(
    "a bare CR in the reason",
    "its first line has a CR",
    line("HTTP/1.1 200 O\rK"),
  ),
  refused(
    "a bare LF in the reason",
    "line 1 ends without CR",
    line("HTTP/1.1 200 O\nK"),
  ),
  refused("letters after the version", BETWEEN, line("HTTP/1.1x200 OK")),
  refused("no space after the version", STATUS, line("HTTP/1.1200 OK")),
  refused(
    "small letters",
    'it begins with "http/1.1", not with an HTTP version',
    line("http/1.1 200 OK"),
  ),
  refused(
    "another protocol",
    'it begins with "ICY/1.1", not with an HTTP version',
    line("ICY/1.1 200 OK"),
  ),
  refused(
    "no protocol",
    'it begins with "200", not with an HTTP version',
    line("200 OK"),
  ),
  refused("HTTP/0.9", "it is HTTP/0.9", line("HTTP/0.9 200 OK")),
  refused("HTTP/2.0", "it is HTTP/2.0", line("HTTP/2.0 200 OK")),
  refused(
    "a zero before the version",
    "not like 1.1",
    line("HTTP/01.1 200 OK"),
  ),
  refused(
    "a page without a head",
    "it begins with the byte 0x3c",
    "<html></html>",
  ),
];

const FIELD_LINES: readonly Row[] = [
  read(
    "a folded line",
    fields(["X: a", " b", "Content-Length: 2"], "ok"),
    "200|ok",
  ),
  read("none", "HTTP/1.1 200 OK\r\n\r\nok", "200|ok"),
  read("an empty value", fields(["X:", "Content-Length: 2"]), "200|ok"),
  refused(
    "no colon",
    'the field name "X" is followed by a CR, not by a colon',
    fields(["X"]),
  ),
  refused(
    "an empty name",
    "a field has no name, its line begins with the byte 0x3a",
    fields([": a"]),
  ),
  refused(
    "a space before the colon",
    'the field name "Content-Length" is followed by a space, not by a colon',
    fields(["Content-Length : 2"]),
  ),
  refused(
    "a space in a name",
    'the field name "X" is followed by a space, not by a colon',
    fields(["X Y: a"]),
  ),
  refused(
    "a NUL in a name",
    'the field name "X" is followed by the byte 0x00, not by a colon',
    fields(["X\0: a"]),
  ),
  refused(
    "a byte beyond ASCII in a name",
    'the field name "X" is followed by the byte 0xa0, not by a colon',
    fields(["X\xa0: a"]),
  ),
  refused(
    "a NUL in a value",
    'the field "X" has the byte 0x00 in its value',
    fields(["X: a\0b"]),
  ),
  refused(
    "a control in a value",
    'the field "X" has the byte 0x01 in its value',
    fields(["X: a\x01b"]),
  ),
  refused(
    "a bare CR in a value",
    'the field "X" has a CR in its value',
    fields(["X: a\rSet-Cookie: b"]),
  ),
  refused(
    "a bare LF in a value",
    "line 2 ends without CR",
    fields(["X: a\nSet-Cookie: b"]),
  ),
  refused(
    "lines that end with LF",
    "line 1 ends without CR",
    "HTTP/1.1 200 OK\nX: a\n\nok",
  ),
];

const LENGTHS: readonly Row[] = [
  read("a number", length("2"), "200|ok"),
  read("less than there is", length("1"), "200|o"),
  read("0", length("0"), "200|"),
  read("a list of equal ones", length("2, 2"), "200|ok"),
  read(
    "two equal lines",
    fields(["Content-Length: 2", "content-length: 2"]),
    "200|ok",
  ),
  refused("more than there is", "ended inside it", length("3")),
  refused("a list of different ones", LENGTH, length("2, 3")),
  refused(
    "two lines that differ",
    LENGTH,
    fields(["Content-Length: 2", "Content-Length: 3"]),
  ),
  refused("2 and 02", LENGTH, length("2, 02")),
  refused("a sign", LENGTH, length("+2")),
  refused("a minus", LENGTH, length("-2")),
  refused("hexadecimal", LENGTH, length("0x2")),
  refused("nothing", LENGTH, length("")),
  refused("2^64 + 2", LENGTH, length("18446744073709551618")),
  refused(
    "it beside a coding",
    "both Content-Length and Transfer-Encoding",
    fields(
      ["Content-Length: 2", "Transfer-Encoding: chunked"],
      "2\r\nok\r\n0\r\n\r\n",
    ),
  ),
];

const CHUNKS: readonly Row[] = [
  read("spaces after a size", chunked("2  \r\nok\r\n0\r\n\r\n"), "200|ok"),
  read(
    "a coding that has no end",
    fields(["Transfer-Encoding: identity"]),
    "200|ok",
  ),
  read("chunks", chunked("1\r\no\r\n1\r\nk\r\n0\r\n\r\n"), "200|ok"),
  read("an extension", chunked("2;a=b\r\nok\r\n0\r\n\r\n"), "200|ok"),
  read("a trailer", chunked("2\r\nok\r\n0\r\nT: a\r\n\r\n"), "200|ok"),
  refused("no last chunk", "ended inside it", chunked("2\r\nok\r\n")),
  refused("no empty line", "ended inside it", chunked("2\r\nok\r\n0\r\n")),
  refused("a prefix", "not hexadecimal", chunked("0x2\r\nok\r\n0\r\n\r\n")),
  refused("a sign", "not hexadecimal", chunked("+2\r\nok\r\n0\r\n\r\n")),
  refused("no size", "has no size", chunked("\r\nok\r\n0\r\n\r\n")),
  refused(
    "an LF after a size",
    "not hexadecimal",
    chunked("2\nok\r\n0\r\n\r\n"),
  ),
  refused("a CR after a size", "stands alone", chunked("2\rok\r\n0\r\n\r\n")),
  refused(
    "a longer chunk",
    "longer than its size",
    chunked("1\r\nok\r\n0\r\n\r\n"),
  ),
  refused(
    "2^64 + 2",
    "too large",
    chunked("10000000000000002\r\nok\r\n0\r\n\r\n"),
  ),
  refused(
    "a coding before chunked",
    "not just chunked",
    fields(["Transfer-Encoding: gzip, chunked"]),
  ),
  refused(
    "a coding in HTTP/1.0",
    "HTTP/1.0 has no Transfer-Encoding",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ),
];

/** Responses that have no content, whatever their fields say. */
const ENDS: readonly Row[] = [
  read("204", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", "204|"),
  read(
    "304",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok",
    "304|",
  ),
  read("205 without a length", "HTTP/1.1 205 Reset\r\n\r\nok", "205|"),
  read("the end of the connection", "HTTP/1.1 200 OK\r\n\r\nok", "200|ok"),
  read(
    "interim responses before it",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n" +
      line("HTTP/1.1 200 OK"),
    "200|ok",
  ),
  refused(
    "101 that nobody asked for",
    "without an Upgrade",
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nok",
  ),
  refused(
    "65 interim responses",
    "over 64 interim",
    "HTTP/1.1 102 Wait\r\n\r\n".repeat(65) + line("HTTP/1.1 200 OK"),
  ),
  refused(
    "nothing after an interim response",
    "ended inside it",
    "HTTP/1.1 100 Continue\r\n\r\n",
  ),
];

/** All rows about responses. */
export const RESPONSES: Readonly<Record<string, readonly Row[]>> = {
  "status line": START_LINES,
  "field line": FIELD_LINES,
  "Content-Length": LENGTHS,
  "chunk": CHUNKS,
  "end": ENDS,
};
