// `sallyport invitation`: links by which people become users of the server.
import { PERSON_ROLES } from "../../api/resources/account_types.ts";
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import { ConfigError } from "../../config/errors.ts";
import { choice, duration } from "../../config/values/values.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import {
  INVITATION_LIFETIME,
  invitationPath,
} from "../../api/resources/invitation_link.ts";
import {
  accountRun,
  DATA_FIELDS,
  MEMBERSHIP_FIELDS,
  NONE,
} from "./account_command.ts";
import type { Command, Subcommand } from "../command.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, Listing, timeCell } from "../table.ts";

const field = fieldsIn("Options", { inFile: false });

/** The organization of users that were added without one. */
const DEFAULT = "default";
/** Longest life of a link, in milliseconds: 90 days. */
const MAX_LIFETIME = 90 * 24 * 60 * 60 * 1000;

/** The page of a server on this machine with the usual port. */
const LOCAL = "https://localhost:8443";

const FIELDS = {
  org: MEMBERSHIP_FIELDS.org,
  team: MEMBERSHIP_FIELDS.team,
  role: field(choice(...PERSON_ROLES).default("member"), {
    placeholder: PERSON_ROLES.join("|"),
    summary: "Role of the invited person",
  }),
  expiresIn: field(
    duration().refine(
      (ms) => ms > 0 && ms <= MAX_LIFETIME,
      "expected a duration above 0s, at most 2160h",
    ).default(INVITATION_LIFETIME),
    {
      placeholder: "duration",
      summary: "How long the link works",
      help: "How long the link works, at most 2160h (90 days).",
    },
  ),
  externalUrl: field(SERVER_FIELDS.externalUrl.schema, {
    placeholder: "url",
    defaultText: LOCAL,
    summary: "URL of the server's page, for the link",
  }),
  ...DATA_FIELDS,
};

const ACTIONS = {
  create: { names: [], act: create },
  list: { names: [], act: list, isList: true },
  revoke: { names: [["invitation", "id"]], act: revoke },
} as const;

const NESTED: Readonly<Record<keyof typeof ACTIONS, Subcommand>> = {
  create: {
    description: "Makes a link for one person and prints it. Keep it secret: " +
      "who opens it first becomes a user. The server stores only its hash.",
  },
  list: {
    description: "Prints id, creation time, end, role, organization, team, " +
      "who made it, and who came by it.",
    fields: { org: FIELDS.org, ...JSON_FIELD, ...DATA_FIELDS },
  },
  revoke: {
    description: "Revokes an invitation that nobody has used.",
    fields: DATA_FIELDS,
  },
};

/** The command `invitation`. */
export function invitationCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "invitation",
    without: ["net"],
    summary: "Make, list and revoke links by which people become users",
    usage: [
      "invitation create [--role <role>] [--team <name>] [--expires-in <duration>]",
      "invitation list [--org <name>] [--json]",
      "invitation revoke <id>",
    ],
    description: "Works on the data directory of a server, also while the " +
      "server runs. The invited person opens the link, chooses a name and " +
      "gets an access key. Use the same --data-dir as the server.",
    fields: FIELDS,
    subcommands: NESTED,
    run: accountRun(
      {
        name: "invitation",
        noun: "invitation",
        fields: FIELDS,
        actions: ACTIONS,
      },
      services,
    ),
  };
}

async function create(
  { invitations }: Accounts,
  _names: readonly string[],
  { org = DEFAULT, team, role, expiresIn, externalUrl = LOCAL }: ConfigOf<
    typeof FIELDS
  >,
): Promise<string> {
  const { token } = await invitations.create({
    organization: org,
    team: team === NONE ? undefined : team,
    role,
    expiresAt: Date.now() + expiresIn,
  });
  return `${externalUrl}${invitationPath(token)}\n`;
}

async function list(
  { invitations }: Accounts,
  _names: readonly string[],
  { org = DEFAULT }: ConfigOf<typeof FIELDS>,
): Promise<Listing> {
  return new Listing(
    [
      ...["id", "created", "expires", "role", "organization", "team"],
      ...["invited by", "used by"],
    ],
    (await invitations.list(org)).map((each) => [
      each.id,
      timeCell(each.createdAt),
      timeCell(each.expiresAt),
      each.role,
      each.organization,
      each.team,
      each.invitedBy,
      each.usedBy,
    ]),
  );
}

async function revoke(
  { invitations }: Accounts,
  [id = ""]: readonly string[],
): Promise<string> {
  if (await invitations.revoke(id)) return `revoked ${id}\n`;
  throw new ConfigError(
    "unknownName",
    `Cannot revoke invitation "${id}": no unused one has this id, ` +
      'see "sallyport invitation list"',
  );
}
