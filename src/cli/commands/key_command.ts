// `sallyport key`: the access keys of the server's users.
import { ConfigError } from "../../config/errors.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  DATA_FIELDS,
  isoTime,
  KEY_FIELDS,
  openData,
  tableRow,
} from "./account_command.ts";
import {
  type Command,
  missingArgument,
  onlyArgument,
  type Subcommand,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import type { Services } from "../services.ts";

const FIELDS = {
  ...KEY_FIELDS,
  ...DATA_FIELDS,
};

const ACTIONS = ["create", "list", "revoke"] as const;

const NESTED: Readonly<Record<(typeof ACTIONS)[number], Subcommand>> = {
  create: {
    description:
      "Creates another access key of a user and prints it. Keep the " +
      "key: the server stores only its hash.",
  },
  list: {
    description: "Prints name, creation time, expiry, last use and scope of " +
      "each key.",
    fields: DATA_FIELDS,
  },
  revoke: {
    description: "Revokes a key. Clients and browsers that use it are " +
      "disconnected within half a minute.",
    fields: DATA_FIELDS,
  },
};

/** The command `key`. */
export function keyCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "key",
    without: ["net"],
    summary: "Create, list and revoke access keys of users",
    usage: [
      "key create <user> <name> [options]",
      "key list <user>",
      "key revoke <user> <name>",
    ],
    description: "Works on the data directory of a server, also while the " +
      "server runs. A user may have many keys, such as one for each machine. " +
      'The key of "sallyport user add" is called default. Clients and browsers ' +
      "with a revoked or expired key are disconnected within half a minute. " +
      "Use the same --data-dir as the server.",
    fields: FIELDS,
    subcommands: NESTED,
    async run(args, { environment, print }) {
      const { values, positionals: [action, ...names] } = await collectOptions(
        { ...SERVER_FIELDS, ...KEY_FIELDS },
        { args, environment },
      );
      const chosen = onlyArgument(
        action === undefined ? [] : [action],
        ACTIONS,
      );
      if (chosen === undefined) {
        throw missing("the subcommand", ACTIONS.join("|"));
      }
      const { dataDir, expiresIn, scope } = validateOptions(FIELDS, values);
      const { user, name } = namesFor(chosen, names);
      using accounts = openData(dataDir, services);
      if (chosen === "list") return list(accounts, user, print);
      if (chosen === "revoke") return revoke(accounts, { user, name }, print);
      const expiresAt = expiresIn && Date.now() + expiresIn;
      print(`${await accounts.addKey(user, { name, expiresAt, scope })}\n`);
      return EXIT.done;
    },
  };
}

function namesFor(
  action: (typeof ACTIONS)[number],
  args: readonly string[],
): { readonly user: string; readonly name: string } {
  const [user, name = "", ...more] = args;
  const [extra] = action === "list" && name !== "" ? [name] : more;
  if (extra !== undefined) throw unexpectedArgument(extra);
  const example = action === "list" ? "list <user>" : `${action} <user> <name>`;
  if (user === undefined) throw missing("the user", example);
  if (action !== "list" && name === "") throw missing("the key", example);
  return { user, name };
}

function missing(what: string, example: string): ConfigError {
  return missingArgument("change keys", what, `key ${example}`);
}

function list(
  accounts: Accounts,
  user: string,
  print: Context["print"],
): number {
  for (const key of accounts.listKeys(user)) {
    const times = [key.createdAt, key.expiresAt, key.lastUsedAt].map(isoTime);
    print(tableRow([key.name, ...times, key.scope]));
  }
  return EXIT.done;
}

function revoke(
  accounts: Accounts,
  { user, name }: { readonly user: string; readonly name: string },
  print: Context["print"],
): number {
  if (!accounts.revokeKey(user, name)) {
    throw new ConfigError(
      "unknownName",
      `Cannot revoke key "${name}" of "${user}": no such key, ` +
        `see "sallyport key list ${user}"`,
    );
  }
  print(`revoked ${name} of ${user}\n`);
  return EXIT.done;
}
