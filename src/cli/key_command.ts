/**
 * `sallyport key`: the access keys of the server's users.
 *
 * @module
 */
import { databasePath } from "../config/data_dir.ts";
import { ConfigError } from "../config/errors.ts";
import { field, type Fields } from "../config/field.ts";
import { check, collect } from "../config/load.ts";
import { SERVER_FIELDS, type ServerConfig } from "../config/server_config.ts";
import { duration } from "../config/values.ts";
import type { Accounts, KeySummary } from "../server/accounts.ts";
import { type Command, type Nested, onlyWord, unexpected } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Parts } from "./parts.ts";

interface ExpiryConfig {
  readonly expiresIn: number | undefined;
}

type KeyConfig =
  & Pick<ServerConfig, "configFile" | "dataDir">
  & ExpiryConfig;

const EXPIRY_FIELDS: Fields<ExpiryConfig> = {
  expiresIn: field(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .optional(),
    {
      section: "Options",
      placeholder: "duration",
      inFile: false,
      defaultText: "it never expires",
      help: "After what time a new key stops being one, such as 720h.",
    },
  ),
};

const FIELDS: Fields<KeyConfig> = {
  ...EXPIRY_FIELDS,
  configFile: SERVER_FIELDS.configFile,
  dataDir: SERVER_FIELDS.dataDir,
};

const ACTIONS = ["create", "list", "revoke"] as const;

const { expiresIn: _onlyOfNew, ...PLACE } = FIELDS;

const NESTED: Readonly<Record<(typeof ACTIONS)[number], Nested>> = {
  create: {
    description: "Makes another access key of a user and prints it, once: " +
      "only a hash of it is kept.",
  },
  list: {
    description: "Prints each key's name, when it was created, when it " +
      "expires and when it was last used.",
    fields: PLACE,
  },
  revoke: {
    description: "Ends a key: whoever uses it is out within half a minute.",
    fields: PLACE,
  },
};

/** The command `key`. */
export function keyCommand(
  { openAccounts }: Pick<Parts, "openAccounts">,
): Command {
  return {
    name: "key",
    summary: "Create, list and revoke access keys of users",
    usage: [
      "key create <user> <name> [--expires-in <duration>]",
      "key list <user>",
      "key revoke <user> <name>",
    ],
    description: "Works on the data directory of a server, which may be " +
      "running. A user may have many keys, one for each machine or person; " +
      'the one of "sallyport user add" is called default. "create" prints the ' +
      "new key, once: only a hash of it is kept. Whoever uses a revoked or " +
      'expired key is out within half a minute. "list" prints each key\'s name, ' +
      "when it was created, when it expires and when it was last used.",
    fields: { ...FIELDS },
    nested: NESTED,
    async run(args, { environment, print }) {
      const { given, words: [action, ...names] } = await collect(
        { ...SERVER_FIELDS, ...EXPIRY_FIELDS },
        { args, environment },
      );
      const chosen = onlyWord(action === undefined ? [] : [action], ACTIONS);
      if (chosen === undefined) throw missing("what to do", ACTIONS.join("|"));
      const { dataDir, expiresIn } = check(FIELDS, given);
      const { user, name } = namesFor(chosen, names);
      using accounts = openAccounts(databasePath(dataDir));
      if (chosen === "list") return list(accounts, user, print);
      if (chosen === "revoke") return revoke(accounts, { user, name }, print);
      const expiresAt = expiresIn && Date.now() + expiresIn;
      print(`${await accounts.addKey(user, { name, expiresAt })}\n`);
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
  return new ConfigError(
    "required",
    `Cannot change keys: ${what} is not given, ` +
      `write "sallyport key ${example}"`,
  );
}

function list(
  accounts: Accounts,
  user: string,
  print: Context["print"],
): number {
  for (const key of accounts.listKeys(user)) print(`${lineOf(key)}\n`);
  return EXIT.done;
}

function lineOf({ name, createdAt, expiresAt, lastUsedAt }: KeySummary) {
  const times = [createdAt, expiresAt, lastUsedAt].map((time) =>
    time === undefined ? "never" : new Date(time).toISOString()
  );
  return [name, ...times].join("\t");
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
