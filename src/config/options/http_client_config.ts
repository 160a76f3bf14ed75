// The client's options for its connections to sites.
import { fieldsIn } from "../field.ts";
import { RESPONSE_LIMITS } from "../../http1/parse/header_limits.ts";
import { HEADER_COUNTS, HEADER_SIZES } from "../values/header_sizes.ts";
import {
  duration,
  many,
  size,
  sizeWithin,
  text,
  wholeNumber,
} from "../values/values.ts";

const field = fieldsIn("HTTP client");

/** How the client connects to sites. Durations are in milliseconds. */
export const HTTP_CLIENT_FIELDS = {
  cacertFile: field(many(text()), {
    placeholder: "path or base64",
    summary: "CA certificates to trust besides the system's",
    help: "CA certificates to trust besides those of the system, in PEM: " +
      "paths, or data:base64,... Needed for a server with its own CA.",
  }),
  httpDialAttempts: field(wholeNumber({ min: 1, max: 100 }).default(3), {
    placeholder: "count",
    summary: "Attempts to connect to a site",
    help: "How often to try to connect to a site.",
  }),
  httpDialBackoff: field(duration().default(1000), {
    placeholder: "duration",
    summary: "Pause between attempts",
    help: "Pause between attempts to connect to a site.",
  }),
  httpDialTimeout: field(duration().default(25_000), {
    placeholder: "duration",
    summary: "How long connecting may take",
    help: "How long all attempts to connect to a site may take together, and " +
      "how long an upstream proxy may take to connect. 0s is no limit.",
  }),
  httpIdleConnTimeout: field(duration().default(90_000), {
    placeholder: "duration",
    summary: "How long to keep idle connections",
    help: "How long to keep an idle connection to a site.",
  }),
  httpMaxHeaderSize: field(
    sizeWithin(HEADER_SIZES).default(RESPONSE_LIMITS.maxHeaderBytes),
    {
      placeholder: "bytes",
      summary: "Largest header of a response",
      help: "Largest header section of a response, with its status line. " +
        "Chromium takes 256Ki.",
    },
  ),
  httpMaxHeaderFields: field(
    wholeNumber(HEADER_COUNTS).default(RESPONSE_LIMITS.maxFields),
    {
      placeholder: "count",
      summary: "Most fields of a response",
      help: "Most fields in the header section of a response.",
    },
  ),
  httpResponseHeaderTimeout: field(duration().default(0), {
    placeholder: "duration",
    summary: "Wait for a response; 0s is forever",
    help: "How long to wait for the header section of a response. 0s waits " +
      "forever.",
  }),
  httpTlsHandshakeTimeout: field(duration().default(10_000), {
    placeholder: "duration",
    summary: "How long a TLS handshake may take",
  }),
  readLimit: field(size().default(0), {
    placeholder: "bytes",
    summary: "Bytes/s from all sites; 0 is unlimited",
    help: "Bytes per second to receive from all sites together, such as 1Mi. " +
      "0 means no limit.",
  }),
  writeLimit: field(size().default(0), {
    placeholder: "bytes",
    summary: "Bytes/s to all sites; 0 is unlimited",
    help: "Bytes per second to send to all sites together. 0 means no limit.",
  }),
};
