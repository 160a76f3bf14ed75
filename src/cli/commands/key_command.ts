// `sallyport key`: the access keys of the server's users.
import type { ConfigOf } from "../../config/field.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import { accountRun, DATA_FIELDS, KEY_FIELDS } from "./account_command.ts";
import type { Command, Subcommand } from "../command.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, Listing, timeCell } from "../table.ts";

const FIELDS = {
  ...KEY_FIELDS,
  ...DATA_FIELDS,
};

const USER = ["user", "user"] as const;
const KEY = ["key", "name"] as const;

const ACTIONS = {
  create: { names: [USER, KEY], act: create },
  list: { names: [USER], act: list, isList: true },
  revoke: { names: [USER, KEY], act: revoke },
  rotate: { names: [USER, KEY], act: rotate },
} as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Subcommand>> = {
  create: {
    description:
      "Creates another access key of a user and prints it. Keep the " +
      "key: the server stores only its hash.",
  },
  list: {
    description: "Prints name, creation time, expiry, last use and scope of " +
      "each key.",
    fields: { ...JSON_FIELD, ...DATA_FIELDS },
  },
  revoke: {
    description: "Revokes a key. Clients and browsers that use it are " +
      "disconnected within half a minute.",
    fields: DATA_FIELDS,
  },
  rotate: {
    description: "Replaces a key by a new one with the same name, scope and " +
      "lifetime, and prints it. Clients and browsers that use the old one are " +
      "disconnected within half a minute.",
    fields: { expiresIn: KEY_FIELDS.expiresIn, ...DATA_FIELDS },
  },
};

/** The command `key`. */
export function keyCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "key",
    without: ["net"],
    summary: "Create, list, replace and revoke access keys of users",
    usage: [
      "key create <user> <name> [options]",
      "key list <user> [--json]",
      "key revoke <user> <name>",
      "key rotate <user> <name> [--expires-in <duration>]",
    ],
    description: "Works on the data directory of a server, also while the " +
      "server runs. A user may have many keys, such as one for each machine. " +
      'The key of "sallyport user add" is called default. Clients and browsers ' +
      "with a revoked or expired key are disconnected within half a minute. " +
      "Use the same --data-dir as the server.",
    fields: FIELDS,
    subcommands: NESTED,
    run: accountRun(
      { name: "key", noun: "key", fields: FIELDS, actions: ACTIONS },
      services,
    ),
  };
}

async function create(
  accounts: Accounts,
  [user = "", name = ""]: readonly string[],
  { expiresIn, scope }: ConfigOf<typeof FIELDS>,
): Promise<string> {
  const expiresAt = expiresIn && Date.now() + expiresIn;
  return `${await accounts.addKey(user, { name, expiresAt, scope })}\n`;
}

function list(accounts: Accounts, [user = ""]: readonly string[]): Listing {
  return new Listing(
    ["name", "created", "expires", "last use", "scope"],
    accounts.listKeys(user).map((key) => [
      key.name,
      ...[key.createdAt, key.expiresAt, key.lastUsedAt].map(timeCell),
      key.scope,
    ]),
  );
}

async function rotate(
  accounts: Accounts,
  [user = "", name = ""]: readonly string[],
  { expiresIn }: ConfigOf<typeof FIELDS>,
): Promise<string> {
  const expiresAt = expiresIn && Date.now() + expiresIn;
  const key = await accounts.rotateKey(user, name, { expiresAt });
  if (key === undefined) throw noSuchKey("rotate", user, name);
  return `${key}\n`;
}

async function revoke(
  accounts: Accounts,
  [user = "", name = ""]: readonly string[],
): Promise<string> {
  if (await accounts.revokeKey(user, name)) {
    return `revoked ${name} of ${user}
`;
  }
  throw noSuchKey("revoke", user, name);
}

function noSuchKey(verb: string, user: string, name: string): ConfigError {
  return new ConfigError(
    "unknownName",
    `Cannot ${verb} key "${name}" of "${user}": no such key, ` +
      `see "sallyport key list ${user}"`,
  );
}
