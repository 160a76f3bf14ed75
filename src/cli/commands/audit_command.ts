// `sallyport audit`: the audit log of the server.
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { duration, text } from "../../config/values/values.ts";
import {
  DATA_FIELDS,
  isoTime,
  MEMBERSHIP_FIELDS,
  openData,
  tableRow,
} from "./account_command.ts";
import { type Command, unexpectedArgument } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import type { Services } from "../services.ts";

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
};

const FIELDS = {
  ...FILTER_FIELDS,
  ...DATA_FIELDS,
};

/** The command `audit`. */
export function auditCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "audit",
    without: ["net"],
    summary: "Print the audit log of the server",
    usage: ["audit [--since <duration>] [--user <name>] [--org <name>]"],
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
      const { dataDir, since, user, org } = validateOptions(FIELDS, values);
      using accounts = await openData(dataDir, services);
      const entries = await accounts.audit.read({
        user,
        organization: org,
        since: Date.now() - since,
        limit: MAX_ROWS,
      });
      for (const { at, by, action, ...about } of entries.toReversed()) {
        const { user, object, detail } = about;
        const who = [by.user, by.key, by.address];
        const columns = [isoTime(at), ...who, action, user, object, detail];
        print(tableRow(columns));
      }
      return EXIT.done;
    },
  };
}
