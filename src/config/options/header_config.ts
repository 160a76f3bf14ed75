// The client's options about header fields.
import { formatHeaderRule, parseHeaderRule } from "../../http/header_rules.ts";
import { fieldsIn } from "../field.ts";
import { codec, many } from "../values/values.ts";

const field = fieldsIn("Proxy", {
  placeholder: "rule",
  noSplit: true,
  allowsLeadingDash: true,
  secret: "password",
});

/** A rule about a header field. Errors never repeat its value, which may be a secret. */
const RULE = codec(parseHeaderRule, formatHeaderRule);

/** Changes of header fields. */
export const HEADER_FIELDS = {
  header: field(many(RULE), {
    short: "H",
    summary: "Add, set or remove request fields",
    help: 'Changes the header of requests to sites. "Name: value" adds a ' +
      'field, "Name;" sets an empty one, "-Name" removes a field, "-Name*" ' +
      'removes all with this prefix, and "%Name" keeps this exact case. ' +
      "Repeat the option for several rules; they apply in order. CONNECT " +
      "requests are not changed.",
  }),
  responseHeader: field(many(RULE), {
    short: "R",
    summary: "Add, set or remove response fields",
    help: "Changes the header of responses, with the same rules as --header.",
  }),
  connectHeader: field(many(RULE), {
    summary: "Add, set or remove fields of upstream CONNECTs",
    help: "Changes the header of CONNECT requests to the proxies of --proxy " +
      "and --pac, with the same rules as --header.",
  }),
};
