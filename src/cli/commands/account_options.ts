/**
 * What the commands about accounts share: options, lines, and what they do with
 * their words.
 *
 * @module
 */
import {
  KEY_SCOPES,
  PLAIN_NAME,
  ROLES,
} from "../../api/resources/account_types.ts";
import type { KeyScope, Role } from "../../api/resources/account_types.ts";
import { ConfigError } from "../../config/errors.ts";
import { field, type Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import {
  SERVER_FIELDS,
  type ServerConfig,
} from "../../config/options/server_config.ts";
import { choice, duration, textLike } from "../../config/values/values.ts";
import { visible } from "../../log/visible.ts";
import type { Accounts, Membership } from "../../server/accounts/accounts.ts";
import { onlyWord, unexpected } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { beginData, openData } from "./open_data.ts";
import type { Parts } from "../parts.ts";

/** Says that there is none: of a team, of a limit. */
export const NONE = "none";

/** Where the data is. */
export type DataConfig = Pick<ServerConfig, "configFile" | "dataDir">;

/** The options of {@linkcode DataConfig}. */
export const DATA_FIELDS: Fields<DataConfig> = {
  configFile: SERVER_FIELDS.configFile,
  dataDir: SERVER_FIELDS.dataDir,
};

/** An organization. */
export interface OrgConfig {
  readonly org: string | undefined;
}

/** What a user is, and where. */
export interface PlaceConfig extends OrgConfig {
  readonly team: string | undefined;
  readonly role: Role | undefined;
}

/** What a key is. */
export interface KeyConfig {
  readonly expiresIn: number | undefined;
  readonly scope: KeyScope | undefined;
}

const NAME_FORM = "1 to 64 letters, digits or . _ -";
const OPTION = { section: "Options", inFile: false } as const;

/** The options of {@linkcode PlaceConfig}. */
export const PLACE_FIELDS: Fields<PlaceConfig> = {
  org: field(textLike(PLAIN_NAME, NAME_FORM).optional(), {
    ...OPTION,
    placeholder: "name",
    defaultText: "default, or all when listing",
    help: "Organization of the user. Users of one see and use nothing of " +
      "another.",
  }),
  team: field(textLike(PLAIN_NAME, NAME_FORM).optional(), {
    ...OPTION,
    placeholder: "name",
    defaultText: "none",
    help: "Team of the user in the organization; none takes a user out of one.",
  }),
  role: field(choice(...ROLES).optional(), {
    ...OPTION,
    placeholder: ROLES.join("|"),
    defaultText: "admin for the first user of an organization, else member",
    help: "An admin manages users, keys and tunnels of the organization, a " +
      "team-admin the tunnels of the team. A service account has keys and " +
      "does not sign in at the page.",
  }),
};

/** The options of {@linkcode KeyConfig}. */
export const KEY_FIELDS: Fields<KeyConfig> = {
  expiresIn: field(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .optional(),
    {
      ...OPTION,
      placeholder: "duration",
      defaultText: "it never expires",
      help: "After what time a new key stops being one, such as 720h.",
    },
  ),
  scope: field(choice(...KEY_SCOPES).optional(), {
    ...OPTION,
    placeholder: KEY_SCOPES.join("|"),
    defaultText: "all",
    help: "What a new key opens: start is for starting and stopping the " +
      "user's tunnels, use for the proxy port, read for looking at the REST " +
      "API and the page.",
  }),
};

/** What was said of a user's place; what was not said is not there. */
export function placeOf({ org, team, role }: PlaceConfig): Partial<Membership> {
  return {
    ...org === undefined ? {} : { organization: org },
    ...team === undefined ? {} : { team: team === NONE ? undefined : team },
    ...role === undefined ? {} : { role },
  };
}

/** A command whose first word says what is done with the accounts; the next, but for `list`, with which. */
export interface AccountCommand<Config extends DataConfig> {
  /** Its name. */
  readonly name: string;
  /** What it is about, in sentences: `user`. */
  readonly thing: string;
  readonly fields: Fields<Config>;
  /** By the word: does it, and gives what is printed. */
  readonly actions: Readonly<Record<string, AccountAction<Config>>>;
  /** The word that works on a new data directory too. */
  readonly begins: string;
}

/** What is done, to whom or which, and what it says afterwards. */
export type AccountAction<Config> = (
  accounts: Accounts,
  name: string,
  config: Config,
) => string | Promise<string>;

/** Makes the `run` of such a command. */
export function accountRun<Config extends DataConfig>(
  { name: command, thing, fields, actions, begins }: AccountCommand<Config>,
  parts: Pick<Parts, "openAccounts">,
): (args: readonly string[], context: Context) => Promise<number> {
  const choices = Object.keys(actions);
  const missing = (what: string, example: string) =>
    notGiven(`change ${thing}s`, what, `${command} ${example}`);
  return async function run(args, context) {
    const { environment, print } = context;
    const { given, words: [action, ...names] } = await collect(
      { ...SERVER_FIELDS, ...fields },
      { args, environment },
    );
    const chosen = onlyWord(action === undefined ? [] : [action], choices);
    const act = actions[chosen ?? ""];
    if (act === undefined) throw missing("what to do", choices.join("|"));
    const [name, extra] = chosen === "list" ? ["", ...names] : names;
    if (extra !== undefined) throw unexpected(extra);
    if (name === undefined) throw missing(`the ${thing}`, `${chosen} <name>`);
    const config = check(fields, given);
    using accounts = chosen === begins
      ? beginData(config.dataDir, parts, context)
      : openData(config.dataDir, parts);
    print(await act(accounts, name, config));
    return EXIT.done;
  };
}

/** The error for a word that is missing behind a command. */
export function notGiven(
  changing: string,
  what: string,
  example: string,
): ConfigError {
  return new ConfigError(
    "required",
    `Cannot ${changing}: ${what} is not given, write "sallyport ${example}"`,
  );
}

/** A line of a list: columns between tabs, as other programs take them. What users have written stays in its column. */
export function lineOf(columns: readonly (string | undefined)[]): string {
  return `${columns.map((each) => visible(each || "-")).join("\t")}\n`;
}

/** A moment in a list. */
export function momentOf(milliseconds: number | undefined): string {
  return milliseconds === undefined
    ? "never"
    : new Date(milliseconds).toISOString();
}
