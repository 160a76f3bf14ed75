/**
 * Requests that have been sent to two hosts: targets, and `Host` beside them.
 * Written from RFC 9112 §3.2.
 *
 * @module
 */
import { read, refused, type Row } from "./row.ts";

const HOST = "Host: a.test\r\n";
const END = "\r\n";

const BAD_HOST = "Host is not host or host:port";

/** A request with this start line. */
function line(text: string): string {
  return text + END + HOST + END;
}

/** A request with these lines in the place of `Host`. */
function hosts(...lines: readonly string[]): string {
  return "GET / HTTP/1.1\r\n" + lines.map((each) => each + END).join("") + END;
}

/** Targets (RFC 9112 §3.2). */
export const TARGETS: readonly Row[] = [
  read("a path", line("GET /a?b HTTP/1.1"), "GET /a?b|"),
  read("two slashes", line("GET //a.test/ HTTP/1.1"), "GET //a.test/|"),
  read("OPTIONS *", line("OPTIONS * HTTP/1.1"), "OPTIONS *|"),
  read(
    "a URL without a path",
    line("GET http://b.test?q HTTP/1.1"),
    "GET http://b.test?q|",
  ),
  refused("GET *", "neither a path nor", line("GET * HTTP/1.1")),
  refused("a name", "neither a path nor", line("GET a.test HTTP/1.1")),
  refused("another scheme", "neither a path", line("GET ftp://a/ HTTP/1.1")),
  refused("a file", "neither a path", line("GET file:///etc HTTP/1.1")),
  refused("a fragment", "has a fragment", line("GET /a#b HTTP/1.1")),
  refused(
    "user information",
    "the authority of the target",
    line("GET http://a@b/ HTTP/1.1"),
  ),
  refused(
    "no host in a URL",
    "the authority of the target",
    line("GET http:///a HTTP/1.1"),
  ),
  refused(
    "a backslash in a host",
    "the authority of the target",
    line("GET http://a.test\\@b/ HTTP/1.1"),
  ),
  refused(
    "a port above 65535",
    "the authority of the target",
    line("GET http://a.test:65536/ HTTP/1.1"),
  ),
  refused("no port to CONNECT", "not host:port", line("CONNECT a HTTP/1.1")),
  refused("port 0 to CONNECT", "not host:port", line("CONNECT a:0 HTTP/1.1")),
  refused(
    "a URL to CONNECT",
    "not host:port",
    line("CONNECT http://a:1 HTTP/1.1"),
  ),
  refused("a path to CONNECT", "not host:port", line("CONNECT a:1/ HTTP/1.1")),
  refused("two ports", "not host:port", line("CONNECT a:1:2 HTTP/1.1")),
  refused("a colon alone", "not host:port", line("CONNECT :443 HTTP/1.1")),
];

/** `Host` (RFC 9112 §3.2). */
export const HOSTS: readonly Row[] = [
  read("a port", hosts("Host: a.test:1"), "GET /|"),
  read("an IPv6 address", hosts("Host: [::1]:1"), "GET /|"),
  read(
    "another host than the target",
    "GET http://b.test/ HTTP/1.1\r\n" + HOST + END,
    "GET http://b.test/|",
  ),
  read(
    "none in HTTP/1.0",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /|",
  ),
  refused("none in HTTP/1.1", "it has no Host", hosts("X: a")),
  refused(
    "none beside a URL",
    "it has no Host",
    "GET http://a.test/ HTTP/1.1\r\n\r\n",
  ),
  refused("two", "more than one Host", hosts("Host: a.test", "Host: b.test")),
  refused("the same one twice", "more than one", hosts("Host: a", "host: a")),
  refused("an empty one", "Host is empty", hosts("Host:")),
  refused("a list", BAD_HOST, hosts("Host: a.test, b.test")),
  refused("a path", BAD_HOST, hosts("Host: a.test/b")),
  refused("a URL", BAD_HOST, hosts("Host: http://a.test")),
  refused("user information", BAD_HOST, hosts("Host: u@a.test")),
  refused("a space", BAD_HOST, hosts("Host: a test")),
  refused("two ports", BAD_HOST, hosts("Host: a.test:80:81")),
  refused("a port in words", BAD_HOST, hosts("Host: a.test:http")),
  refused("an empty port", BAD_HOST, hosts("Host: a.test:")),
  refused("an open bracket", BAD_HOST, hosts("Host: [::1")),
  refused("text after a bracket", BAD_HOST, hosts("Host: [::1]x")),
  refused("a name in brackets", BAD_HOST, hosts("Host: [a.test]")),
  refused("a byte beyond ASCII", BAD_HOST, hosts("Host: a.test\xa0")),
  refused(
    "a bad one beside a URL",
    BAD_HOST,
    "GET http://a/ HTTP/1.1\r\nHost: @\r\n\r\n",
  ),
];
