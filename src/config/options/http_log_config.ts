/**
 * The options about which HTTP messages are logged, of the client and of the
 * server.
 *
 * @module
 */
import * as z from "zod";

import {
  HTTP_LOG_MODES,
  HTTP_LOG_MODULES,
  type HttpLogModule,
  type HttpLogRule,
} from "../../log/http_log.ts";
import { field, type Fields } from "../field.ts";
import { many, type One, refuse } from "../values/values.ts";

/** Which HTTP messages are logged. */
export interface HttpLogConfig {
  readonly logHttp: readonly HttpLogRule[];
}

const MODES = "The modes are none; short-url, without the query; url; " +
  "headers; body, of which the first 16Ki of text are shown; errors, which " +
  "is headers where the status is 500 or more. Credentials, cookies and " +
  "other values with the name of a secret are hidden.";

/** Declares the client's option. */
export const HTTP_LOG_FIELDS: Fields<HttpLogConfig> = {
  logHttp: field(many(httpLogRule(HTTP_LOG_MODULES)), {
    section: "Logging",
    placeholder: "[api|proxy|control:]mode,...",
    defaultText: "none",
    help: "HTTP messages that are logged, of the status API, of the proxy, " +
      `and of the calls of the server, or of all three. ${MODES}`,
  }),
};

/** Declares the server's option. */
export const SERVER_HTTP_LOG_FIELDS: Fields<HttpLogConfig> = {
  logHttp: field(many(httpLogRule(["api", "proxy"])), {
    section: "Logging",
    placeholder: "[api|proxy:]mode,...",
    defaultText: "none",
    help: "HTTP messages that are logged, of the REST API and the page, and " +
      `of the proxy of the browsers, or of both. ${MODES}`,
  }),
};

function httpLogRule(modules: readonly HttpLogModule[]): One<HttpLogRule> {
  const expected = `one of ${HTTP_LOG_MODES.join(", ")}, ` +
    `after ${modules.map((each) => `${each}:`).join(", ")} or alone`;
  return z.codec(z.string(), z.custom<HttpLogRule>(), {
    decode: (words, context) => {
      const [first = "", second] = words.split(":", 2);
      const module = modules.find((each) => each === first);
      const mode = HTTP_LOG_MODES.find((each) => each === (second ?? first));
      const isKnown = mode !== undefined &&
        (module !== undefined || second === undefined);
      if (isKnown) return { module, mode };
      return refuse(context, words, `expected ${expected}`);
    },
    encode: ({ module, mode }) =>
      module === undefined ? mode : `${module}:${mode}`,
  });
}
