/**
 * Where we differ from llhttp on purpose, each with its reason.
 *
 * @module
 */

/** Fixtures that we read in another way for one reason. */
export interface Judged {
  /** Why ours is right for a proxy. */
  readonly reason: string;
  /** What our error says; `undefined` where we read more than llhttp. */
  readonly error: string | undefined;
  readonly fixtures: readonly string[];
}

/** Fixtures of requests. */
export const JUDGED_REQUESTS: readonly Judged[] = [
  {
    reason: "Host is a host with an optional port (RFC 9110 §7.2)",
    error: "Host is not host or host:port",
    fixtures: ["request/sample.md: curl GET", "request/sample.md: Firefox GET"],
  },
  {
    reason: "HTTP/0.9 has no fields and no framing: nobody needs it",
    error: "the target is not followed by one space and a version",
    fixtures: ["request/sample.md: No HTTP version"],
  },
  {
    reason: "RTSP and ICE are other protocols",
    error: "the HTTP version is missing",
    fixtures: [
      "request/method.md: SOURCE request with ICE",
      "request/method.md: OPTIONS request with RTSP",
      "request/method.md: ANNOUNCE request with RTSP",
    ],
  },
  {
    reason: "CONNECT has no content (RFC 9110 §9.3.6): it would be smuggled",
    error: "CONNECT has no content",
    fixtures: ["request/method.md: CONNECT with body"],
  },
  {
    reason: "only OPTIONS has the target * (RFC 9112 §3.2.4)",
    error: "the target is neither a path nor an http or https URL",
    fixtures: [
      "request/method.md: M-SEARCH request",
      "request/method.md: PRI request HTTP2",
    ],
  },
  {
    reason: "a target has no fragment (RFC 9110 §7.1)",
    error: "the target has a fragment",
    fixtures: [
      "request/transfer-encoding.md: POST with `chunked` as last transfer-encoding",
      "request/transfer-encoding.md: POST with `chunked` as last transfer-encoding (multiple headers)",
      "request/uri.md: Fragment in URI",
    ],
  },
  {
    reason: "a target has no user information (RFC 9110 §4.2.4)",
    error: "the authority of the target is not host or host:port",
    fixtures: ["request/uri.md: `host:port` and basic auth"],
  },
  {
    reason: "one empty line before a request is enough (RFC 9112 §2.2)",
    error: "it begins with a CR",
    fixtures: [
      "request/connection.md: CRLF between requests, implicit `keep-alive`",
    ],
  },
  {
    reason: "any token is a method (RFC 9110 §9.1); the site decides",
    error: undefined,
    fixtures: [
      "request/invalid.md: HTTP protocol and ANNOUNCE method",
      "request/invalid.md: Invalid method",
    ],
  },
];

/** Fixtures of responses. */
export const JUDGED_RESPONSES: readonly Judged[] = [
  {
    reason: "RTSP and ICE are other protocols",
    error: "not with an HTTP version",
    fixtures: [
      "response/sample.md: RTSP response",
      "response/sample.md: ICE response",
    ],
  },
  {
    reason: "HTTP/0.9 has no status line",
    error: "it is HTTP/0.9",
    fixtures: ["response/sample.md: HTTP version 0.9"],
  },
  {
    reason:
      "extensions are skipped to the end of their line, which both see there",
    error: undefined,
    fixtures: [
      "response/transfer-encoding.md: Unbalanced chunk extensions quoting",
      "response/transfer-encoding.md: No extension after semicolon",
    ],
  },
  {
    reason:
      "browsers read chunks here, by RFC 9112 §6.3 it is content until the end",
    error: "Transfer-Encoding does not end in chunked",
    fixtures: [
      "response/transfer-encoding.md: `chunked` before other transfer-encoding",
      "response/transfer-encoding.md: multiple transfer-encoding where chunked is not the last one",
    ],
  },
  {
    reason: "browsers take a chunk size with spaces after it",
    error: undefined,
    fixtures: ["response/transfer-encoding.md: Trailing space on chunked body"],
  },
];
