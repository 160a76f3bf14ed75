// `sallyport audit`: the audit log of the server.
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { duration, text } from "../../config/values/values.ts";
import { DATA_FIELDS, MEMBERSHIP_FIELDS, openData } from "./account_command.ts";
import { type Command, unexpectedArgument } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, Listing, timeCell } from "../table.ts";

const field = fieldsIn("Options", { inFile: false });

/** Rows to print at most. The options select others. */
const MAX_ROWS = 10_000;

const FILTER_FIELDS = {
  since: field(duration().default(7 * 24 * 3_600_000), {
    placeholder: "duration",
    summary: "How far to look back",
  }),
  user: field(text().optional(), {
    placeholder: "name",
    defaultText: "all",
    summary: "Only events by or about this user",
    help: "Only events by this user, or about this user.",
  }),
  org: {
    ...MEMBERSHIP_FIELDS.org,
    defaultText: "all",
    summary: "Only events of this organization",
    help: "Only events about users of this organization.",
  },
  ...JSON_FIELD,
};

const FIELDS = {
  ...FILTER_FIELDS,
  ...DATA_FIELDS,
};

const COLUMNS: readonly string[] =
  "time,by,key,address,action,user,object,detail".split(",");

/** The command `audit`. */
export function auditCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "audit",
    without: ["net"],
    summary: "Print the audit log of the server",
    usage: [
      "audit [--since <duration>] [--user <name>] [--org <name>] [--json]",
    ],
    description: "Prints the audit log, oldest first. The columns are time, " +
      "user, key and address of the actor, action, affected user, affected " +
      "tunnel or key, and details. Use the same --data-dir as the server.",
    fields: FIELDS,
    async run(args, { environment, print }) {
      const { values, positionals: [extra] } = await collectOptions(
        { ...SERVER_FIELDS, ...FILTER_FIELDS },
        { args, environment },
      );
      if (extra !== undefined) throw unexpectedArgument(extra);
      const { dataDir, since, user, org, json } = validateOptions(
        FIELDS,
        values,
      );
      using accounts = await openData(dataDir, services);
      const entries = await accounts.audit.read({
        user,
        organization: org,
        since: Date.now() - since,
        limit: MAX_ROWS,
      });
      const listing = new Listing(
        COLUMNS,
        entries.toReversed().map(({ at, by, action, ...about }) => [
          ...[timeCell(at), by.user, by.key, by.address, action],
          ...[about.user, about.object, about.detail],
        ]),
      );
      print(listing.text({ json }));
      return EXIT.done;
    },
  };
}
