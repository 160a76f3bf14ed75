/**
 * `sallyport org`: the organizations that the users of a server belong to.
 *
 * @module
 */
import { field, type Fields } from "../../config/field.ts";
import { textLike } from "../../config/values/values.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  accountRun,
  DATA_FIELDS,
  type DataConfig,
  lineOf,
  momentOf,
  NONE,
  notGiven,
} from "./account_options.ts";
import type { Command, Nested } from "../command.ts";
import type { Parts } from "../parts.ts";

interface LimitConfig {
  readonly maxTunnels: string | undefined;
}

type OrgConfig = LimitConfig & DataConfig;

const LIMIT_FIELDS: Fields<LimitConfig> = {
  maxTunnels: field(
    textLike(/^(?:none|\d{1,6})$/, "a whole number, or none").optional(),
    {
      section: "Options",
      inFile: false,
      placeholder: "count|none",
      defaultText: NONE,
      help: "Most tunnels that all users of the organization together may " +
        "have at once.",
    },
  ),
};

const FIELDS: Fields<OrgConfig> = { ...LIMIT_FIELDS, ...DATA_FIELDS };

const ACTIONS = { create, list, set, remove } as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Nested>> = {
  create: { description: "Makes an organization, which has no users yet." },
  list: {
    description: "Prints name, time of creation, number of users and most " +
      "tunnels at once of each organization.",
    fields: DATA_FIELDS,
  },
  set: {
    description: "Changes how many tunnels its users may have at once.",
  },
  remove: {
    description: "Removes an organization that has no users.",
    fields: DATA_FIELDS,
  },
};

/** The command `org`. */
export function orgCommand(parts: Pick<Parts, "openAccounts">): Command {
  return {
    name: "org",
    without: ["net"],
    summary: "Create, list, limit and remove organizations of users",
    usage: [
      "org create <name> [--max-tunnels <count>]",
      "org list",
      "org set <name> --max-tunnels <count|none>",
      "org remove <name>",
    ],
    description: "Works on the data directory of a server, which may be " +
      "running. Every user belongs to one organization, which is called " +
      "default unless something else is said. Users of one see and use " +
      'nothing of another. "list" prints name, time of creation, number of ' +
      "users and most tunnels at once. Give it the same --data-dir as the " +
      "server.",
    fields: { ...FIELDS },
    nested: NESTED,
    run: accountRun(
      {
        name: "org",
        thing: "organization",
        fields: FIELDS,
        actions: ACTIONS,
        begins: "create",
      },
      parts,
    ),
  };
}

function create(
  { organizations }: Accounts,
  name: string,
  { maxTunnels }: OrgConfig,
): string {
  organizations.add(name, countOf(maxTunnels));
  return `created ${name}\n`;
}

function list({ organizations }: Accounts): string {
  return organizations.list().map(({ name, createdAt, users, maxTunnels }) =>
    lineOf([
      name,
      momentOf(createdAt),
      String(users),
      String(maxTunnels ?? NONE),
    ])
  ).join("");
}

function set(
  { organizations }: Accounts,
  name: string,
  { maxTunnels }: OrgConfig,
): string {
  if (maxTunnels === undefined) {
    throw notGiven(
      "change organizations",
      "what to change",
      `org set ${name} --max-tunnels 20`,
    );
  }
  organizations.limit(name, countOf(maxTunnels));
  return `changed ${name}\n`;
}

function remove({ organizations }: Accounts, name: string): string {
  organizations.remove(name);
  return `removed ${name}\n`;
}

function countOf(words: string | undefined): number | undefined {
  return words === undefined || words === NONE ? undefined : Number(words);
}
