/**
 * `sallyport user`: who may use the server.
 *
 * @module
 */
import { databasePath } from "../config/data_dir.ts";
import { ConfigError } from "../config/errors.ts";
import type { Fields } from "../config/field.ts";
import { check, collect } from "../config/load.ts";
import { SERVER_FIELDS, type ServerConfig } from "../config/server_config.ts";
import type { Accounts } from "../server/accounts.ts";
import { type Command, onlyWord, unexpected } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Parts } from "./parts.ts";

type UserConfig = Pick<ServerConfig, "configFile" | "dataDir">;

const FIELDS: Fields<UserConfig> = {
  configFile: SERVER_FIELDS.configFile,
  dataDir: SERVER_FIELDS.dataDir,
};

const ACTIONS = ["add", "list", "remove"] as const;

/** The command `user`. */
export function userCommand(
  { openAccounts }: Pick<Parts, "openAccounts">,
): Command {
  return {
    name: "user",
    summary: "Add, list and remove users of the server",
    usage: ["user add <name>", "user list", "user remove <name>"],
    description: "Works on the data directory of a server, which may be " +
      'running. "add" prints the access key of the new user, once: only a ' +
      "hash of it is kept. Give it the same --data-dir as the server.",
    fields: { ...FIELDS },
    nested: {
      add: {
        description: "Makes a user and prints the access key, once: only a " +
          "hash of it is kept.",
      },
      list: {
        description: "Prints each user with the time when it was made.",
      },
      remove: {
        description: "Removes a user with all access keys: its clients and " +
          "browsers are out within half a minute.",
      },
    },
    async run(args, { environment, print }) {
      const { given, words: [action, ...names] } = await collect(
        SERVER_FIELDS,
        { args, environment },
      );
      const chosen = onlyWord(action === undefined ? [] : [action], ACTIONS);
      if (chosen === undefined) throw missing("what to do", ACTIONS.join("|"));
      const name = nameFor(chosen, names);
      using accounts = openAccounts(databasePath(check(FIELDS, given).dataDir));
      if (chosen === "list") return list(accounts, print);
      if (chosen === "remove") return remove(accounts, name, print);
      print(`${await accounts.addUser(name)}\n`);
      return EXIT.done;
    },
  };
}

function nameFor(
  action: (typeof ACTIONS)[number],
  names: readonly string[],
): string {
  const [name, ...extra] = action === "list" ? ["", ...names] : names;
  const [word] = extra;
  if (word !== undefined) throw unexpected(word);
  if (name === undefined) throw missing("the user", `${action} <name>`);
  return name;
}

function missing(what: string, example: string): ConfigError {
  return new ConfigError(
    "required",
    `Cannot change users: ${what} is not given, ` +
      `write "sallyport user ${example}"`,
  );
}

function list(accounts: Accounts, print: Context["print"]): number {
  for (const { name, createdAt } of accounts.listUsers()) {
    print(`${name}\t${new Date(createdAt).toISOString()}\n`);
  }
  return EXIT.done;
}

function remove(
  accounts: Accounts,
  name: string,
  print: Context["print"],
): number {
  if (!accounts.removeUser(name)) {
    throw new ConfigError(
      "unknownName",
      `Cannot remove user "${name}": there is none of that name, ` +
        'see "sallyport user list"',
    );
  }
  print(`removed ${name}\n`);
  return EXIT.done;
}
