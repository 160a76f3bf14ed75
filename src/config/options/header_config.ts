// The client's options about header fields.
import { formatHeaderRule, parseHeaderRule } from "../../http/header_rules.ts";
import { field } from "../field.ts";
import { codec, many } from "../values/values.ts";

/** A rule about a header field. Errors never repeat its value, which may be a secret. */
const RULE = codec(parseHeaderRule, formatHeaderRule);

const RULES = {
  section: "Proxy",
  placeholder: "rule",
  noSplit: true,
  allowsLeadingDash: true,
  secret: "password",
} as const;

/** Changes of header fields. */
export const HEADER_FIELDS = {
  header: field(many(RULE), {
    ...RULES,
    short: "H",
    summary: "Add, set or remove request fields",
    help: 'Changes the header of requests to sites. "Name: value" adds a ' +
      'field, "Name;" sets an empty one, "-Name" removes a field, "-Name*" ' +
      'removes all with this prefix, and "%Name" keeps this exact case. ' +
      "Repeat the option for several rules; they apply in order. CONNECT " +
      "requests are not changed.",
  }),
  responseHeader: field(many(RULE), {
    ...RULES,
    short: "R",
    summary: "Add, set or remove response fields",
    help: "Changes the header of responses, with the same rules as --header.",
  }),
  connectHeader: field(many(RULE), {
    ...RULES,
    summary: "Add, set or remove fields of upstream CONNECTs",
    help: "Changes the header of CONNECT requests to the proxies of --proxy " +
      "and --pac, with the same rules as --header.",
  }),
};
