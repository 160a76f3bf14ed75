// `sallyport user`: the users of the server.
import type { ConfigOf } from "../../config/field.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  accountRun,
  DATA_FIELDS,
  MEMBERSHIP_FIELDS,
  membershipOf,
} from "./account_command.ts";
import { type Command, missingArgument, type Subcommand } from "../command.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, Listing, timeCell } from "../table.ts";

const FIELDS = {
  ...MEMBERSHIP_FIELDS,
  ...DATA_FIELDS,
};

type UserConfig = ConfigOf<typeof FIELDS>;

const NAME = [["user", "name"]] as const;
const ACTIONS = {
  add: { names: NAME, act: add },
  list: { names: [], act: list, isList: true },
  set: { names: NAME, act: set },
  disable: { names: NAME, act: disable },
  enable: { names: NAME, act: enable },
  remove: { names: NAME, act: remove },
} as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Subcommand>> = {
  add: {
    description: "Adds a user and prints the access key. Keep the key: the " +
      "server stores only its hash.",
  },
  list: {
    description: "Prints name, creation time, role, organization and team of " +
      "each user, and whether the user is external or disabled.",
    fields: { org: MEMBERSHIP_FIELDS.org, ...JSON_FIELD, ...DATA_FIELDS },
  },
  set: {
    description:
      "Changes the organization, team or role of a user. A move to " +
      "another organization resets role and team.",
  },
  disable: {
    description:
      "Disables a user: keys, tunnels and page sessions end within half a " +
      "minute. Everything is kept.",
    fields: DATA_FIELDS,
  },
  enable: {
    description: "Enables a disabled user again.",
    fields: DATA_FIELDS,
  },
  remove: {
    description:
      "Removes a user with all access keys. The user's clients and " +
      "browsers are disconnected within half a minute.",
    fields: DATA_FIELDS,
  },
};

/** The command `user`. */
export function userCommand(services: Pick<Services, "openAccounts">): Command {
  return {
    name: "user",
    without: ["net"],
    summary: "Add, list, change and remove users of the server",
    usage: [
      "user add <name> [--org <name>] [--team <name>] [--role <role>]",
      "user list [--org <name>] [--json]",
      "user set <name> [--org <name>] [--team <name>] [--role <role>]",
      "user disable <name>",
      "user enable <name>",
      "user remove <name>",
    ],
    description: "Works on the data directory of a server, also while the " +
      "server runs. Use the same --data-dir as the server.",
    fields: FIELDS,
    subcommands: NESTED,
    run: accountRun(
      {
        name: "user",
        noun: "user",
        fields: FIELDS,
        actions: ACTIONS,
        createsData: "add",
      },
      services,
    ),
  };
}

async function add(
  accounts: Accounts,
  [name = ""]: readonly string[],
  config: UserConfig,
): Promise<string> {
  return `${await accounts.addUser(name, membershipOf(config))}\n`;
}

function list(
  accounts: Accounts,
  _names: readonly string[],
  { org }: UserConfig,
): Listing {
  return new Listing(
    ["name", "created", "role", "organization", "team", "state"],
    accounts.listUsers(org).map((user) => [
      user.name,
      timeCell(user.createdAt),
      user.role,
      user.organization,
      user.team,
      [user.identity && "external", user.disabled && "disabled"]
        .filter(Boolean).join(","),
    ]),
  );
}

async function set(
  accounts: Accounts,
  [name = ""]: readonly string[],
  config: UserConfig,
): Promise<string> {
  const place = membershipOf(config);
  if (Object.keys(place).length === 0) {
    const example = `user set ${name} --role member`;
    throw missingArgument("change users", "the change", example);
  }
  await accounts.setMembership(name, place);
  return `changed ${name}\n`;
}

async function disable(
  accounts: Accounts,
  [name = ""]: readonly string[],
): Promise<string> {
  const hasChanged = await accounts.setDisabled(name, true);
  return hasChanged ? `disabled ${name}\n` : `${name} is disabled already\n`;
}

async function enable(
  accounts: Accounts,
  [name = ""]: readonly string[],
): Promise<string> {
  const hasChanged = await accounts.setDisabled(name, false);
  return hasChanged ? `enabled ${name}\n` : `${name} is not disabled\n`;
}

async function remove(
  accounts: Accounts,
  [name = ""]: readonly string[],
): Promise<string> {
  if (await accounts.removeUser(name)) return `removed ${name}\n`;
  throw new ConfigError(
    "unknownName",
    `Cannot remove user "${name}": no such user, ` +
      'see "sallyport user list"',
  );
}
