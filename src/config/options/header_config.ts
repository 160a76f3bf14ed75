// The client's options about header fields.
import * as z from "zod";

import {
  formatHeaderRule,
  type HeaderRule,
  HeaderRuleError,
  parseHeaderRule,
} from "../../http/header_rules.ts";
import { field, type OptionFields } from "../field.ts";
import { many, refuse, type ValueCodec } from "../values/values.ts";

/** Changes of header fields. */
export interface HeaderConfig {
  readonly header: readonly HeaderRule[];
  readonly responseHeader: readonly HeaderRule[];
  readonly connectHeader: readonly HeaderRule[];
}

const RULES = {
  section: "Proxy",
  placeholder: "rule",
  noSplit: true,
  allowsLeadingDash: true,
  secret: "password",
} as const;

/** Declares the options of `HeaderConfig`. */
export const HEADER_FIELDS: OptionFields<HeaderConfig> = {
  header: field(many(headerRule()), {
    ...RULES,
    short: "H",
    summary: "Add, set or remove request fields",
    help: 'Changes the header of requests to sites. "Name: value" adds a ' +
      'field, "Name;" sets an empty one, "-Name" removes a field, "-Name*" ' +
      'removes all with this prefix, and "%Name" keeps this exact case. ' +
      "Repeat the option for several rules; they apply in order. CONNECT " +
      "requests are not changed.",
  }),
  responseHeader: field(many(headerRule()), {
    ...RULES,
    short: "R",
    summary: "Add, set or remove response fields",
    help: "Changes the header of responses, with the same rules as --header.",
  }),
  connectHeader: field(many(headerRule()), {
    ...RULES,
    summary: "Add, set or remove fields of upstream CONNECTs",
    help: "Changes the header of CONNECT requests to the proxies of --proxy " +
      "and --pac, with the same rules as --header.",
  }),
};

/** A rule about a header field. Errors never repeat its value, which may be a secret. */
function headerRule(): ValueCodec<HeaderRule> {
  return z.codec(z.string(), z.custom<HeaderRule>(), {
    decode: (raw, context) => {
      try {
        return parseHeaderRule(raw);
      } catch (cause) {
        if (!(cause instanceof HeaderRuleError)) throw cause;
        return refuse(context, raw, cause.reason);
      }
    },
    encode: formatHeaderRule,
  });
}
