/**
 * Requests whose head has been read in two ways by servers and proxies: start
 * line, names, values, line ends, `Host`. Written from RFC 9112, and from the
 * classes of what differential testing (HTTP Garden) and the tests of Go's
 * net/http, h11 and gunicorn have found.
 *
 * @module
 */
import { HOSTS, TARGETS } from "./request_target_rows.ts";
import { read, refused, type Row } from "./row.ts";

const HOST = "Host: a.test\r\n";
const END = "\r\n";

const METHOD = "the method is not followed by one space";
const TARGET = "the target is not followed by one space and a version";
const NO_VERSION = "the HTTP version is missing";
const ODD_VERSION = "the HTTP version is not like 1.1";

/** A request with this start line. */
function line(text: string): string {
  return text + END + HOST + END;
}

/** A request with these field lines, before `Host`. */
function fields(...lines: readonly string[]): string {
  return "GET / HTTP/1.1\r\n" + lines.map((each) => each + END).join("") +
    HOST + END;
}

/** Start lines (RFC 9112 §3). */
const START_LINES: readonly Row[] = [
  read("any token as method", line("MKCOLA / HTTP/1.1"), "MKCOLA /|"),
  read("a method in small letters", line("get / HTTP/1.1"), "get /|"),
  refused("no method", "it begins with a space", line(" / HTTP/1.1")),
  refused(
    "a slash as method",
    "it begins with the byte 0x2f",
    line("/ / HTTP/1.1"),
  ),
  refused("a method with a colon", METHOD, line("GET:/ / HTTP/1.1")),
  refused("a method with a control", METHOD, line("GE\x01T / HTTP/1.1")),
  refused("a method beyond ASCII", METHOD, line("GET\xdf/x HTTP/1.1")),
  refused("a method with NUL", METHOD, line("GET\0 / HTTP/1.1")),
  refused("a NUL for the space", METHOD, line("GET\0/ HTTP/1.1")),
  refused("a tab after the method", METHOD, line("GET\t/ HTTP/1.1")),
  refused("two spaces after the method", TARGET, line("GET  / HTTP/1.1")),
  refused(
    "a line end after the method",
    "line 1 ends without CR",
    line("GET\n/\nHTTP/1.1"),
  ),
  refused(
    "a byte order mark",
    "it begins with the byte 0xef",
    line("\xef\xbb\xbfGET / HTTP/1.1"),
  ),
  refused(
    "spaces before the method",
    "it begins with a space",
    line("  GET / HTTP/1.1"),
  ),
  read("one empty line before it", END + line("GET / HTTP/1.1"), "GET /|"),
  refused(
    "two empty lines",
    "it begins with a CR",
    END + END + line("GET / HTTP/1.1"),
  ),
  refused(
    "a bare LF before it",
    "it begins with an LF",
    "\n" + line("GET / HTTP/1.1"),
  ),
  refused("a bare CR before it", "a CR stands", "\r" + line("GET / HTTP/1.1")),
  refused("no target", TARGET, line("GET HTTP/1.1")),
  refused("an empty target", TARGET, line("GET  HTTP/1.1")),
  refused("no version", TARGET, line("GET /")),
  refused("a space in the target", NO_VERSION, line("GET /a b HTTP/1.1")),
  refused("a tab in the target", TARGET, line("GET /a\tb HTTP/1.1")),
  refused("a NUL in the target", TARGET, line("GET /a\0b HTTP/1.1")),
  refused("a control in the target", TARGET, line("GET /a\x1fb HTTP/1.1")),
  refused("DEL in the target", TARGET, line("GET /a\x7fb HTTP/1.1")),
  refused(
    "a byte beyond ASCII",
    TARGET,
    line("GET /a\xffb HTTP/1.1"),
  ),
  refused("two spaces before the version", NO_VERSION, line("GET /  HTTP/1.1")),
  refused("a tab before the version", TARGET, line("GET /\tHTTP/1.1")),
  refused(
    "a space after the version",
    "its first line has a space",
    line("GET / HTTP/1.1 "),
  ),
  refused(
    "a tab after the version",
    "its first line has a tab",
    line("GET / HTTP/1.1\t"),
  ),
  refused(
    "letters after the version",
    "its first line has the byte 0x78",
    line("GET / HTTP/1.1xy"),
  ),
  refused(
    "a third digit",
    "its first line has the byte 0x30",
    line("GET / HTTP/1.10"),
  ),
  refused("a zero before the version", ODD_VERSION, line("GET / HTTP/01.1")),
  refused("a comma in the version", ODD_VERSION, line("GET / HTTP/1,1")),
  refused("a space in the version", ODD_VERSION, line("GET / HTTP/ 1.1")),
  refused("a sign in the version", ODD_VERSION, line("GET / HTTP/+1.1")),
  refused("letters for digits", ODD_VERSION, line("GET / HTTP/a.b")),
  refused("no minor version", ODD_VERSION, line("GET / HTTP/1")),
  refused("no slash", NO_VERSION, line("GET / HTTP1.1")),
  refused("small letters", NO_VERSION, line("GET / http/1.1")),
  refused("another protocol", NO_VERSION, line("GET / HTTPS/1.1")),
  refused("another first letter", NO_VERSION, line("GET / XTTP/1.1")),
  read("a method of one letter", line("G / HTTP/1.1"), "G /|"),
  refused("HTTP/1.2", "it is HTTP/1.2", line("GET / HTTP/1.2")),
  refused("HTTP/0.9", "it is HTTP/0.9", line("GET / HTTP/0.9")),
  refused("HTTP/3.0", "it is HTTP/3.0", line("GET / HTTP/3.0")),
  refused("HTTP/2's preface", "it is HTTP/2.0", line("PRI * HTTP/2.0")),
  refused(
    "the PROXY protocol",
    NO_VERSION,
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + line("GET / HTTP/1.1"),
  ),
  refused(
    "a TLS hello",
    "it is TLS, where plain HTTP is expected",
    "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
  ),
];

/** Field lines (RFC 9112 §5). */
const FIELD_LINES: readonly Row[] = [
  read("no space after a colon", fields("X:a"), "GET /|"),
  read("spaces and tabs around a value", fields("X: \t a \t "), "GET /|"),
  read("an empty value", fields("X:"), "GET /|"),
  read(
    "close beside a space beyond ASCII",
    fields("Connection: close\xa0"),
    "GET /|",
  ),
  read("bytes beyond ASCII in a value", fields("X: \x80\xff"), "GET /|"),
  refused(
    "no colon",
    'the field name "X" is followed by a CR, not by a colon',
    fields("X"),
  ),
  refused(
    "an empty name",
    "a field has no name, its line begins with the byte 0x3a",
    fields(": a"),
  ),
  refused(
    "a space before the colon",
    'the field name "Content-Length" is followed by a space, not by a colon',
    fields("Content-Length : 5"),
  ),
  refused(
    "a tab before the colon",
    'the field name "Content-Length" is followed by a tab, not by a colon',
    fields("Content-Length\t: 5"),
  ),
  refused(
    "a space in a name",
    'the field name "Content" is followed by a space, not by a colon',
    fields("Content Length: 5"),
  ),
  refused(
    "a NUL in a name",
    'the field name "Content" is followed by the byte 0x00, not by a colon',
    fields("Content\0-Length: 5"),
  ),
  refused(
    "a control in a name",
    'the field name "Content" is followed by the byte 0x01, not by a colon',
    fields("Content\x01-Length: 5"),
  ),
  refused(
    "a byte beyond ASCII",
    'the field name "Content-Length" is followed by the byte 0xa0, not by a colon',
    fields("Content-Length\xa0: 5"),
  ),
  refused(
    "a CR in a name",
    'the field name "Content" is followed by a CR, not by a colon',
    fields("Content\r-Length: 5"),
  ),
  refused(
    "a quote in a name",
    "a field has no name, its line begins with the byte 0x22",
    fields('"X": a'),
  ),
  refused(
    "an at sign in a name",
    'the field name "X" is followed by the byte 0x40, not by a colon',
    fields("X@Y: a"),
  ),
  refused(
    "a bracket in a name",
    'the field name "X" is followed by the byte 0x5b, not by a colon',
    fields("X[0]: a"),
  ),
  refused(
    "a space before the first name",
    "a field has no name, its line begins with a space",
    fields(" X: a"),
  ),
  refused(
    "a tab before the first name",
    "a field has no name, its line begins with a tab",
    fields("\tX: a"),
  ),
  refused(
    "a vertical tab before a name",
    "a field has no name, its line begins with the byte 0x0b",
    fields("\x0bX: a"),
  ),
  refused(
    "a folded line",
    "a field has no name, its line begins with a space",
    fields("X: a", " b"),
  ),
  refused(
    "a line folded with a tab",
    "a field has no name, its line begins with a tab",
    fields("X: a", "\tb"),
  ),
  refused(
    "a value on the next line",
    "a field has no name, its line begins with a space",
    fields("X:", " chunked"),
  ),
  refused(
    "a folded line without text",
    "a field has no name, its line begins with a space",
    fields("X: a", " "),
  ),
  refused(
    "a NUL in a value",
    'the field "X" has the byte 0x00 in its value',
    fields("X: a\0b"),
  ),
  refused(
    "a NUL at the end of a value",
    'the field "Content-Length" has the byte 0x00 in its value',
    fields("Content-Length: 1\0"),
  ),
  refused(
    "a bell in a value",
    'the field "X" has the byte 0x07 in its value',
    fields("X: a\x07b"),
  ),
  refused(
    "DEL in a value",
    'the field "X" has the byte 0x7f in its value',
    fields("X: a\x7fb"),
  ),
  refused(
    "a vertical tab in a value",
    'the field "X" has the byte 0x0b in its value',
    fields("X: a\x0bb"),
  ),
  refused(
    "a form feed in a value",
    'the field "X" has the byte 0x0c in its value',
    fields("X: a\x0cb"),
  ),
  refused(
    "a control that hides a field",
    'the field "A" has the byte 0x01 in its value',
    fields("A: b\x01cEvil: 1"),
  ),
  refused(
    "a bare CR that hides a field",
    'the field "A" has a CR in its value',
    fields("A: b\rEvil: 1"),
  ),
  refused(
    "a bare CR before a line end",
    'the field "A" has a CR in its value',
    fields("A: b\r"),
  ),
  refused(
    "a bare LF that hides a field",
    "line 2 ends without CR",
    fields("A: b\nEvil: 1"),
  ),
  refused(
    "LF and CR the wrong way round",
    "line 2 ends without CR",
    fields("A: b\n\rEvil: 1"),
  ),
  refused(
    "lines that end with LF",
    "line 1 ends without CR",
    "GET / HTTP/1.1\nHost: a.test\n\n",
  ),
  refused(
    "a start line that ends with LF",
    "line 1 ends without CR",
    "GET / HTTP/1.1\n" + HOST + END,
  ),
  refused(
    "an empty line that ends with LF",
    "line 3 ends without CR",
    "GET / HTTP/1.1\r\n" + HOST + "\n",
  ),
  refused(
    "an empty line that is CR alone",
    "a CR stands alone",
    "GET / HTTP/1.1\r\n" + HOST + "\rX: a\r\n\r\n",
  ),
  refused(
    "an empty line with a space",
    "a field has no name, its line begins with a space",
    "GET / HTTP/1.1\r\n" + HOST + " \r\n\r\n",
  ),
  refused(
    "a start line that ends with CR",
    "its first line has a CR",
    "GET / HTTP/1.1\rX: a\r\n\r\n",
  ),
];

/** All rows about heads of requests. */
export const REQUEST_HEADS: Readonly<Record<string, readonly Row[]>> = {
  "start line": START_LINES,
  "target": TARGETS,
  "field line": FIELD_LINES,
  "Host": HOSTS,
};
