// `sallyport org`: the organizations of the server's users.
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import { textLike } from "../../config/values/values.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import { accountRun, DATA_FIELDS, NONE } from "./account_command.ts";
import { type Command, missingArgument, type Subcommand } from "../command.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, Listing, timeCell } from "../table.ts";

const field = fieldsIn("Options", { inFile: false });

const FIELDS = {
  maxTunnels: field(
    textLike(/^(?:none|\d{1,6})$/, "a whole number, or none").optional(),
    {
      placeholder: "count|none",
      defaultText: NONE,
      summary: "Tunnels of the organization at the same time",
      help: "Tunnels that all users of the organization together may have at " +
        "the same time.",
    },
  ),
  ...DATA_FIELDS,
};

const NAME = [["organization", "name"]] as const;
const ACTIONS = {
  create: { names: NAME, act: create },
  list: { names: [], act: list, isList: true },
  set: { names: NAME, act: set },
  remove: { names: NAME, act: remove },
} as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Subcommand>> = {
  create: { description: "Creates an organization without users." },
  list: {
    description:
      "Prints name, creation time, number of users and tunnel limit " +
      "of each organization.",
    fields: { ...JSON_FIELD, ...DATA_FIELDS },
  },
  set: {
    description: "Changes the tunnel limit of an organization.",
  },
  remove: {
    description: "Removes an organization that has no users.",
    fields: DATA_FIELDS,
  },
};

/** The command `org`. */
export function orgCommand(services: Pick<Services, "openAccounts">): Command {
  return {
    name: "org",
    without: ["net"],
    summary: "Create, list, limit and remove organizations of users",
    usage: [
      "org create <name> [--max-tunnels <count>]",
      "org list [--json]",
      "org set <name> --max-tunnels <count|none>",
      "org remove <name>",
    ],
    description: "Works on the data directory of a server, also while the " +
      "server runs. Every user belongs to one organization, by default to the " +
      "one called default. Organizations are isolated from each other. Use the " +
      "same --data-dir as the server.",
    fields: FIELDS,
    subcommands: NESTED,
    run: accountRun(
      {
        name: "org",
        noun: "organization",
        fields: FIELDS,
        actions: ACTIONS,
        createsData: "create",
      },
      services,
    ),
  };
}

async function create(
  { organizations }: Accounts,
  [name = ""]: readonly string[],
  { maxTunnels }: ConfigOf<typeof FIELDS>,
): Promise<string> {
  await organizations.add(name, countOf(maxTunnels));
  return `created ${name}\n`;
}

function list({ organizations }: Accounts): Listing {
  return new Listing(
    ["name", "created", "users", "max tunnels"],
    organizations.list().map(({ name, createdAt, users, maxTunnels }) => [
      name,
      timeCell(createdAt),
      users,
      maxTunnels,
    ]),
  );
}

async function set(
  { organizations }: Accounts,
  [name = ""]: readonly string[],
  { maxTunnels }: ConfigOf<typeof FIELDS>,
): Promise<string> {
  if (maxTunnels === undefined) {
    throw missingArgument(
      "change organizations",
      "the change",
      `org set ${name} --max-tunnels 20`,
    );
  }
  await organizations.limit(name, countOf(maxTunnels));
  return `changed ${name}\n`;
}

async function remove(
  { organizations }: Accounts,
  [name = ""]: readonly string[],
): Promise<string> {
  await organizations.remove(name);
  return `removed ${name}\n`;
}

function countOf(text: string | undefined): number | undefined {
  return text === undefined || text === NONE ? undefined : Number(text);
}
