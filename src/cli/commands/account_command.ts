// What the commands about accounts share: options, rows of lists, access to the
// database, and how they run.
import {
  KEY_SCOPES,
  PLAIN_NAME,
  ROLES,
} from "../../api/resources/account_types.ts";
import { databasePath } from "../../config/data_dir.ts";
import {
  type ConfigOf,
  fieldsIn,
  type OptionFields,
} from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { choice, duration, textLike } from "../../config/values/values.ts";
import type { Accounts, Membership } from "../../server/accounts/accounts.ts";
import {
  missingArgument,
  onlyArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { JSON_FIELD, Listing } from "../table.ts";
import { EXIT } from "../exit_code.ts";
import { MissingDatabaseError } from "../../store/database.ts";
import type { Services } from "../services.ts";

const field = fieldsIn("Options", { inFile: false });

/** The value of an option for no team, or for no limit. */
export const NONE = "none";

/** The place of the server's data. */
export const DATA_FIELDS = {
  configFile: SERVER_FIELDS.configFile,
  dataDir: SERVER_FIELDS.dataDir,
};

/** The values of {@linkcode DATA_FIELDS}. */
export type DataConfig = ConfigOf<typeof DATA_FIELDS>;

const NAME_FORM = "1 to 64 letters, digits or . _ -";
/** The organization, team and role of a user. */
export const MEMBERSHIP_FIELDS = {
  org: field(textLike(PLAIN_NAME, NAME_FORM).optional(), {
    placeholder: "name",
    defaultText: 'the organization "default"; all, for "user list"',
    summary: "Organization of the user",
    help: "Organization of the user. Organizations are isolated from each " +
      "other.",
  }),
  team: field(textLike(PLAIN_NAME, NAME_FORM).optional(), {
    placeholder: "name",
    defaultText: "not in a team",
    summary: "Team of the user, or none",
    help: 'Team of the user in the organization. "none" removes the user ' +
      "from the team.",
  }),
  role: field(choice(...ROLES).optional(), {
    placeholder: ROLES.join("|"),
    defaultText:
      "admin for the first user of an organization, otherwise member",
    summary: "Role of the user",
    help: "Role of the user. An admin manages users, keys and tunnels of the " +
      "organization. A team-admin manages the tunnels of the team. A service " +
      "account has keys and cannot sign in at the page.",
  }),
};

/** The values of {@linkcode MEMBERSHIP_FIELDS}. */
export type MembershipConfig = ConfigOf<typeof MEMBERSHIP_FIELDS>;

/** The properties of an access key. */
export const KEY_FIELDS = {
  expiresIn: field(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .optional(),
    {
      placeholder: "duration",
      defaultText: "never",
      summary: "Lifetime of the new key",
      help: "Lifetime of the new key, such as 720h.",
    },
  ),
  scope: field(choice(...KEY_SCOPES).optional(), {
    placeholder: KEY_SCOPES.join("|"),
    defaultText: "all",
    summary: "What the new key allows",
    help: 'What the new key allows. "start" is for starting and stopping ' +
      'the user\'s tunnels, "use" for the proxy port, and "read" for ' +
      "reading from the REST API and the page.",
  }),
};

/** The properties of a membership that are set. */
export function membershipOf(
  { org, team, role }: MembershipConfig,
): Partial<Membership> {
  return {
    ...org === undefined ? {} : { organization: org },
    ...team === undefined ? {} : { team: team === NONE ? undefined : team },
    ...role === undefined ? {} : { role },
  };
}

/** A command with subcommands on accounts. */
export interface AccountCommand<Config extends DataConfig> {
  readonly name: string;
  /** What it manages: `user`. */
  readonly noun: string;
  readonly fields: OptionFields<Config>;
  /** The subcommands, by name. */
  readonly actions: Readonly<Record<string, AccountAction<Config>>>;
  /** The subcommand that creates a missing database. */
  readonly createsData?: string;
}

/** A subcommand. */
export interface AccountAction<Config> {
  /** Its arguments: what each names, and how the usage calls it. */
  readonly names: readonly (readonly [noun: string, placeholder: string])[];
  /** Runs it and returns its output. */
  readonly act: (
    accounts: Accounts,
    names: readonly string[],
    config: Config,
  ) => string | Listing | Promise<string | Listing>;
  /** Whether it lists something, as JSON too. */
  readonly isList?: true;
}

/** The `run` method of an account command. */
export function accountRun<Config extends DataConfig>(
  { name: command, noun, fields, actions, createsData }: AccountCommand<Config>,
  services: Pick<Services, "openAccounts">,
): (args: readonly string[], context: Context) => Promise<number> {
  const choices = Object.keys(actions);
  const missing = (what: string, example: string) =>
    missingArgument(`change ${noun}s`, what, `${command} ${example}`);
  return async function run(args, context) {
    const { environment, print } = context;
    const { values, positionals: [action, ...given] } = await collectOptions(
      { ...SERVER_FIELDS, ...fields, ...JSON_FIELD },
      { args, environment },
    );
    const chosen = onlyArgument(action === undefined ? [] : [action], choices);
    const { names, act, isList } = actions[chosen ?? ""] ?? {};
    if (names === undefined || act === undefined) {
      throw missing("the subcommand", choices.join("|"));
    }
    const [extra] = given.slice(names.length);
    if (extra !== undefined) throw unexpectedArgument(extra);
    const [lacking] = names.slice(given.length);
    if (lacking !== undefined) {
      const usage = names.map(([, placeholder]) => `<${placeholder}>`);
      throw missing(`the ${lacking[0]}`, `${chosen} ${usage.join(" ")}`);
    }
    const config = validateOptions(fields, values);
    const style = validateOptions(JSON_FIELD, values);
    if (style.json && !isList) throw unexpectedArgument("--json");
    using accounts = chosen === createsData
      ? await openOrCreateData(config.dataDir, services, context)
      : await openData(config.dataDir, services);
    const output = await act(accounts, given, config);
    print(output instanceof Listing ? output.text(style) : output);
    return EXIT.done;
  };
}

/**
 * Opens the existing database. A mistyped data directory is an error.
 *
 * @throws {DatabaseError} When the database is missing or cannot be used.
 */
export function openData(
  dataDir: string,
  { openAccounts }: Pick<Services, "openAccounts">,
): Promise<Accounts> {
  return openAccounts(databasePath(dataDir), { mustExist: true });
}

/** Opens the existing database, or creates one and says so. */
async function openOrCreateData(
  dataDir: string,
  { openAccounts }: Pick<Services, "openAccounts">,
  { printError }: Pick<Context, "printError">,
): Promise<Accounts> {
  try {
    return await openData(dataDir, { openAccounts });
  } catch (error) {
    if (!(error instanceof MissingDatabaseError)) throw error;
  }
  const accounts = await openAccounts(databasePath(dataDir));
  printError(
    `Created a new database in "${dataDir}", start the server with the same ` +
      "--data-dir",
  );
  return accounts;
}
