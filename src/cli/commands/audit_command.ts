/**
 * `sallyport audit`: who did what on the server.
 *
 * @module
 */
import { field, type Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { duration, text } from "../../config/values/values.ts";
import {
  DATA_FIELDS,
  type DataConfig,
  lineOf,
  momentOf,
  type OrgConfig,
  PLACE_FIELDS,
} from "./account_options.ts";
import { type Command, unexpected } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openData } from "./open_data.ts";
import type { Parts } from "../parts.ts";

/** Rows that are printed; who wants others says since when, and about whom. */
const MAX_ROWS = 10_000;

interface WantedConfig extends OrgConfig {
  readonly since: number;
  readonly user: string | undefined;
}

const WANTED_FIELDS: Fields<WantedConfig> = {
  since: field(duration().default(7 * 24 * 3_600_000), {
    section: "Options",
    inFile: false,
    placeholder: "duration",
    help: "How far to look back.",
  }),
  user: field(text().optional(), {
    section: "Options",
    inFile: false,
    placeholder: "name",
    defaultText: "all",
    help: "Only what this user did, or what was done to them.",
  }),
  org: {
    ...PLACE_FIELDS.org,
    defaultText: "all",
    help: "Only what concerns users of this organization.",
  },
};

const FIELDS: Fields<WantedConfig & DataConfig> = {
  ...WANTED_FIELDS,
  ...DATA_FIELDS,
};

/** The command `audit`. */
export function auditCommand(
  parts: Pick<Parts, "openAccounts">,
): Command {
  return {
    name: "audit",
    without: ["net"],
    summary: "Show who did what on the server",
    usage: ["audit [--since <duration>] [--user <name>] [--org <name>]"],
    description: "Prints what was started, stopped, used and changed, oldest " +
      "first: time, who, with which key, from which address, what, whose, " +
      "which tunnel or key, and more about it. Give it the same --data-dir as " +
      "the server.",
    fields: { ...FIELDS },
    async run(args, { environment, print }) {
      const { given, words: [extra] } = await collect(
        { ...SERVER_FIELDS, ...WANTED_FIELDS },
        { args, environment },
      );
      if (extra !== undefined) throw unexpected(extra);
      const { dataDir, since, user, org } = check(FIELDS, given);
      using accounts = openData(dataDir, parts);
      const entries = accounts.audit.read({
        user,
        organization: org,
        since: Date.now() - since,
        limit: MAX_ROWS,
      });
      for (const { at, by, action, ...about } of entries.toReversed()) {
        const { user, object, detail } = about;
        const who = [by.user, by.key, by.address];
        const columns = [momentOf(at), ...who, action, user, object, detail];
        print(lineOf(columns));
      }
      return EXIT.done;
    },
  };
}
