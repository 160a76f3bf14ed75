/**
 * `sallyport user`: who may use the server.
 *
 * @module
 */
import { databasePath } from "../config/data_dir.ts";
import { ConfigError } from "../config/errors.ts";
import type { Fields } from "../config/field.ts";
import { check, collect } from "../config/load.ts";
import { SERVER_FIELDS } from "../config/server_config.ts";
import type { Accounts, Place } from "../server/accounts.ts";
import {
  DATA_FIELDS,
  type DataConfig,
  lineOf,
  momentOf,
  notGiven,
  PLACE_FIELDS,
  type PlaceConfig,
  placeOf,
} from "./account_options.ts";
import { type Command, type Nested, onlyWord, unexpected } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { Parts } from "./parts.ts";

type UserConfig = PlaceConfig & DataConfig;

const FIELDS: Fields<UserConfig> = { ...PLACE_FIELDS, ...DATA_FIELDS };

/** What is done, to whom, and what it says afterwards. */
type Action = (
  accounts: Accounts,
  name: string,
  place: Partial<Place>,
) => string | Promise<string>;

const ACTIONS = { add, list, set, remove } as const;
const WORDS = ["add", "list", "set", "remove"] as const;

const NESTED: Readonly<Record<(typeof WORDS)[number], Nested>> = {
  add: {
    description: "Makes a user and prints the access key, once: only a hash " +
      "of it is kept.",
  },
  list: {
    description: "Prints name, time of creation, role, organization and team " +
      "of each user.",
    fields: { org: PLACE_FIELDS.org, ...DATA_FIELDS },
  },
  set: {
    description: "Changes what a user is, and where. Who moves to another " +
      "organization is a member of it without a team unless told otherwise.",
  },
  remove: {
    description: "Removes a user with all access keys: its clients and " +
      "browsers are out within half a minute.",
    fields: DATA_FIELDS,
  },
};

/** The command `user`. */
export function userCommand(
  { openAccounts }: Pick<Parts, "openAccounts">,
): Command {
  return {
    name: "user",
    summary: "Add, list, change and remove users of the server",
    usage: [
      "user add <name> [--org <name>] [--team <name>] [--role <role>]",
      "user list [--org <name>]",
      "user set <name> [--org <name>] [--team <name>] [--role <role>]",
      "user remove <name>",
    ],
    description: "Works on the data directory of a server, which may be " +
      'running. "add" prints the access key of the new user, once: only a ' +
      "hash of it is kept. Who moves to another organization is a member of " +
      'it without a team unless told otherwise. "list" prints name, time of ' +
      "creation, role, organization and team. Give it the same --data-dir as " +
      "the server.",
    fields: { ...FIELDS },
    nested: NESTED,
    async run(args, { environment, print }) {
      const { given, words: [action, ...names] } = await collect(
        { ...SERVER_FIELDS, ...PLACE_FIELDS },
        { args, environment },
      );
      const chosen = onlyWord(action === undefined ? [] : [action], WORDS);
      if (chosen === undefined) throw missing("what to do", WORDS.join("|"));
      const name = nameFor(chosen, names);
      const { dataDir, ...config } = check(FIELDS, given);
      using accounts = openAccounts(databasePath(dataDir));
      const act: Action = ACTIONS[chosen];
      print(await act(accounts, name, placeOf(config)));
      return EXIT.done;
    },
  };
}

function nameFor(
  action: (typeof WORDS)[number],
  names: readonly string[],
): string {
  const [name, ...extra] = action === "list" ? ["", ...names] : names;
  const [word] = extra;
  if (word !== undefined) throw unexpected(word);
  if (name === undefined) throw missing("the user", `${action} <name>`);
  return name;
}

function missing(what: string, example: string): ConfigError {
  return notGiven("change users", what, `user ${example}`);
}

async function add(
  accounts: Accounts,
  name: string,
  place: Partial<Place>,
): Promise<string> {
  return `${await accounts.addUser(name, place)}\n`;
}

function list(
  accounts: Accounts,
  _name: string,
  { organization }: Partial<Place>,
): string {
  return accounts.listUsers(organization).map((user) =>
    lineOf([
      user.name,
      momentOf(user.createdAt),
      user.role,
      user.organization,
      user.team,
    ])
  ).join("");
}

function set(accounts: Accounts, name: string, place: Partial<Place>): string {
  if (Object.keys(place).length === 0) {
    throw missing("what to change", `set ${name} --role member`);
  }
  accounts.moveUser(name, place);
  return `changed ${name}\n`;
}

function remove(accounts: Accounts, name: string): string {
  if (accounts.removeUser(name)) return `removed ${name}\n`;
  throw new ConfigError(
    "unknownName",
    `Cannot remove user "${name}": there is none of that name, ` +
      'see "sallyport user list"',
  );
}
