/**
 * The client's options about header fields.
 *
 * @module
 */
import * as z from "zod";

import {
  formatHeaderRule,
  type HeaderRule,
  HeaderRuleError,
  parseHeaderRule,
} from "../../http/header_rules.ts";
import { field, type Fields } from "../field.ts";
import { many, type One, refuse } from "../values/values.ts";

/** What is changed about header fields. */
export interface HeaderConfig {
  readonly header: readonly HeaderRule[];
  readonly responseHeader: readonly HeaderRule[];
  readonly connectHeader: readonly HeaderRule[];
}

const RULES = {
  section: "Proxy",
  placeholder: "rule",
  isWhole: true,
  isDashed: true,
  secret: "password",
} as const;

/** Declares the options of `HeaderConfig`. */
export const HEADER_FIELDS: Fields<HeaderConfig> = {
  header: field(many(headerRule()), {
    ...RULES,
    short: "H",
    help: 'Changes the header of requests to sites: "Name: value" adds a ' +
      'line, "Name;" sets an empty one, "-Name" removes, "-Name*" removes ' +
      'all that begin so, "%Name" keeps this exact case. Repeat it; the ' +
      "order counts. CONNECT is left alone.",
  }),
  responseHeader: field(many(headerRule()), {
    ...RULES,
    short: "R",
    help: "Changes the header of responses, by the same rules.",
  }),
  connectHeader: field(many(headerRule()), {
    ...RULES,
    help: "Changes the header of the CONNECT that the proxies of --proxy and " +
      "--pac are sent, by the same rules.",
  }),
};

/** A rule about a header field; its value is never repeated, it may be a secret. */
function headerRule(): One<HeaderRule> {
  return z.codec(z.string(), z.custom<HeaderRule>(), {
    decode: (words, context) => {
      try {
        return parseHeaderRule(words);
      } catch (cause) {
        if (!(cause instanceof HeaderRuleError)) throw cause;
        return refuse(context, words, cause.reason);
      }
    },
    encode: formatHeaderRule,
  });
}
