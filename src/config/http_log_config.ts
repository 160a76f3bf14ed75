/**
 * The client's option about which HTTP messages are logged.
 *
 * @module
 */
import * as z from "zod";

import {
  HTTP_LOG_MODES,
  HTTP_LOG_MODULES,
  type HttpLogRule,
} from "../log/http_log.ts";
import { field, type Fields } from "./field.ts";
import { many, type One, refuse } from "./values.ts";

/** Which HTTP messages are logged. */
export interface HttpLogConfig {
  readonly logHttp: readonly HttpLogRule[];
}

/** Declares the option of `HttpLogConfig`. */
export const HTTP_LOG_FIELDS: Fields<HttpLogConfig> = {
  logHttp: field(many(httpLogRule()), {
    section: "Logging",
    placeholder: "[api|proxy|control:]mode,...",
    defaultText: "none",
    help: "HTTP messages that are logged, of the status API, of the proxy, " +
      "and of the calls of the server, or of all three. The modes are none; " +
      "short-url, without the query; url; headers; body, of which the first " +
      "16Ki of text are shown; errors, which is headers where the status is " +
      "500 or more. Credentials, cookies and other values with the name of a " +
      "secret are hidden.",
  }),
};

function httpLogRule(): One<HttpLogRule> {
  return z.codec(z.string(), z.custom<HttpLogRule>(), {
    decode: (words, context) => {
      const [first = "", second] = words.split(":", 2);
      const module = HTTP_LOG_MODULES.find((each) => each === first);
      const mode = HTTP_LOG_MODES.find((each) => each === (second ?? first));
      const isKnown = mode !== undefined &&
        (module !== undefined || second === undefined);
      if (isKnown) return { module, mode };
      return refuse(context, words, `expected ${EXPECTED}`);
    },
    encode: ({ module, mode }) =>
      module === undefined ? mode : `${module}:${mode}`,
  });
}

const EXPECTED = `one of ${HTTP_LOG_MODES.join(", ")}, ` +
  `after ${HTTP_LOG_MODULES.map((each) => `${each}:`).join(", ")} or alone`;
