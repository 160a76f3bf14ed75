/**
 * `sallyport key`: the access keys of the server's users.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import type { Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  DATA_FIELDS,
  type DataConfig,
  KEY_FIELDS,
  type KeyConfig,
  lineOf,
  momentOf,
  notGiven,
} from "./account_options.ts";
import { type Command, type Nested, onlyWord, unexpected } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { openData } from "./open_data.ts";
import type { Parts } from "../parts.ts";

const FIELDS: Fields<KeyConfig & DataConfig> = {
  ...KEY_FIELDS,
  ...DATA_FIELDS,
};

const ACTIONS = ["create", "list", "revoke"] as const;

const NESTED: Readonly<Record<(typeof ACTIONS)[number], Nested>> = {
  create: {
    description: "Makes another access key of a user and prints it, once: " +
      "only a hash of it is kept.",
  },
  list: {
    description: "Prints each key's name, when it was created, when it " +
      "expires, when it was last used and its scope.",
    fields: DATA_FIELDS,
  },
  revoke: {
    description: "Ends a key: whoever uses it is out within half a minute.",
    fields: DATA_FIELDS,
  },
};

/** The command `key`. */
export function keyCommand(
  parts: Pick<Parts, "openAccounts">,
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
    description: "Works on the data directory of a server, which may be " +
      "running. A user may have many keys, one for each machine or person; " +
      'the one of "sallyport user add" is called default. "create" prints the ' +
      "new key, once: only a hash of it is kept. Whoever uses a revoked or " +
      'expired key is out within half a minute. "list" prints each key\'s name, ' +
      "when it was created, when it expires, when it was last used and its scope.",
    fields: { ...FIELDS },
    nested: NESTED,
    async run(args, { environment, print }) {
      const { given, words: [action, ...names] } = await collect(
        { ...SERVER_FIELDS, ...KEY_FIELDS },
        { args, environment },
      );
      const chosen = onlyWord(action === undefined ? [] : [action], ACTIONS);
      if (chosen === undefined) throw missing("what to do", ACTIONS.join("|"));
      const { dataDir, expiresIn, scope } = check(FIELDS, given);
      const { user, name } = namesFor(chosen, names);
      using accounts = openData(dataDir, parts);
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
  words: readonly string[],
): { readonly user: string; readonly name: string } {
  const [user, name = "", ...more] = words;
  const [extra] = action === "list" && name !== "" ? [name] : more;
  if (extra !== undefined) throw unexpected(extra);
  const example = action === "list" ? "list <user>" : `${action} <user> <name>`;
  if (user === undefined) throw missing("the user", example);
  if (action !== "list" && name === "") throw missing("the key", example);
  return { user, name };
}

function missing(what: string, example: string): ConfigError {
  return notGiven("change keys", what, `key ${example}`);
}

function list(
  accounts: Accounts,
  user: string,
  print: Context["print"],
): number {
  for (const key of accounts.listKeys(user)) {
    const times = [key.createdAt, key.expiresAt, key.lastUsedAt].map(momentOf);
    print(lineOf([key.name, ...times, key.scope]));
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
      `Cannot revoke key "${name}" of "${user}": there is none, ` +
        `see "sallyport key list ${user}"`,
    );
  }
  print(`revoked ${name} of ${user}\n`);
  return EXIT.done;
}
