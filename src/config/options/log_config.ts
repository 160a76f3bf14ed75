// The options of the log, and of the HTTP messages in it.
import {
  HTTP_LOG_MODES,
  HTTP_LOG_MODULES,
  type HttpLogModule,
  type HttpLogRule,
} from "../../log/http_log.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import { nearWord } from "../values/near_miss.ts";
import {
  choice,
  codec,
  many,
  text,
  type ValueCodec,
} from "../values/values.ts";

const field = fieldsIn("Logging");

/** How much is logged, how, and where. */
export const LOG_FIELDS = {
  logFile: field(text().optional(), {
    placeholder: "path",
    defaultText: "standard output",
    summary: "File to append the log to",
    help: "File to append the log to. It can be rotated by renaming it: the " +
      "program opens a new one at SIGHUP, or some seconds later.",
  }),
  logFormat: field(choice("text", "json").default("text"), {
    placeholder: "text|json",
    summary: "Format of the log",
    help: "Plain text, or one JSON object per line.",
  }),
  logLevel: field(choice("error", "info", "debug").default("info"), {
    placeholder: "error|info|debug",
    summary: "Lowest severity to log",
  }),
};

/** How much is logged, how, and where. */
export type LogConfig = ConfigOf<typeof LOG_FIELDS>;

const MODES = "The modes are none, short-url (without the query), url, " +
  "headers, body (the first 16Ki of text), and errors (headers if the status " +
  "is 500 or more). Credentials, cookies and other secrets are hidden.";

/** Which HTTP messages a client logs. */
export const HTTP_LOG_FIELDS = {
  logHttp: field(many(httpLogRule(HTTP_LOG_MODULES)), {
    placeholder: "[api|proxy|control:]mode,...",
    defaultText: "none",
    summary: "HTTP messages to log",
    help: "HTTP messages to log: of the status API, of the proxy, of the " +
      `calls to the server (control), or of all three. ${MODES}`,
  }),
};

/** Which HTTP messages a server logs. */
export const SERVER_HTTP_LOG_FIELDS = {
  logHttp: field(many(httpLogRule(["api", "proxy"])), {
    placeholder: "[api|proxy:]mode,...",
    defaultText: "none",
    summary: "HTTP messages to log",
    help: "HTTP messages to log: of the REST API and the page (api), of the " +
      `proxy, or of both. ${MODES}`,
  }),
};

function httpLogRule(
  modules: readonly HttpLogModule[],
): ValueCodec<HttpLogRule> {
  const expected = `expected one of ${HTTP_LOG_MODES.join(", ")}, ` +
    `after ${modules.map((each) => `${each}:`).join(", ")} or alone`;
  return codec(
    (raw) => {
      const [first = "", second] = raw.split(":", 2);
      const module = modules.find((each) => each === first);
      const mode = HTTP_LOG_MODES.find((each) => each === (second ?? first));
      const isKnown = module !== undefined || second === undefined;
      return isKnown && mode !== undefined ? { module, mode } : undefined;
    },
    ({ module, mode }) => module === undefined ? mode : `${module}:${mode}`,
    (raw) =>
      expected +
      nearWord(raw.replace(/^[^:]*:([^:]*).*$/s, "$1"), HTTP_LOG_MODES),
  );
}
