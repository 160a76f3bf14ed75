/**
 * `sallyport user`: who may use the server.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import type { Fields } from "../../config/field.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  accountRun,
  DATA_FIELDS,
  type DataConfig,
  lineOf,
  momentOf,
  notGiven,
  PLACE_FIELDS,
  type PlaceConfig,
  placeOf,
} from "./account_options.ts";
import type { Command, Nested } from "../command.ts";
import type { Parts } from "../parts.ts";

type UserConfig = PlaceConfig & DataConfig;

const FIELDS: Fields<UserConfig> = { ...PLACE_FIELDS, ...DATA_FIELDS };

const ACTIONS = { add, list, set, remove } as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Nested>> = {
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
export function userCommand(parts: Pick<Parts, "openAccounts">): Command {
  return {
    name: "user",
    without: ["net"],
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
    run: accountRun(
      {
        name: "user",
        thing: "user",
        fields: FIELDS,
        actions: ACTIONS,
        begins: "add",
      },
      parts,
    ),
  };
}

async function add(
  accounts: Accounts,
  name: string,
  config: UserConfig,
): Promise<string> {
  return `${await accounts.addUser(name, placeOf(config))}\n`;
}

function list(
  accounts: Accounts,
  _name: string,
  { org }: UserConfig,
): string {
  return accounts.listUsers(org).map((user) =>
    lineOf([
      user.name,
      momentOf(user.createdAt),
      user.role,
      user.organization,
      user.team,
    ])
  ).join("");
}

function set(accounts: Accounts, name: string, config: UserConfig): string {
  const place = placeOf(config);
  if (Object.keys(place).length === 0) {
    const example = `user set ${name} --role member`;
    throw notGiven("change users", "what to change", example);
  }
  accounts.setMembership(name, place);
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
