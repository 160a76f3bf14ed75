// `sallyport ca`: the authorities that a server has made for itself.
import { ConfigError } from "../../config/errors.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { codec, duration, many } from "../../config/values/values.ts";
import { isIpAddress } from "../../net/address/address.ts";
import { isAddressRange } from "../../net/address/address_ranges.ts";
import type { AuthorityView } from "../../server/tls/rotation.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, jsonText } from "../table.ts";
import { DATA_FIELDS } from "./account_command.ts";

const field = fieldsIn("Options");
const DAY = 24 * 3_600_000;
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
const STEPS = ["rotate", "switch", "cancel"] as const;
const KINDS = ["server", "browser"] as const;

/** A domain in lower case, or a range of addresses. */
function permitted() {
  return codec(
    (raw) => {
      if (isIpAddress(raw)) return raw + (raw.includes(":") ? "/128" : "/32");
      if (raw.includes("/")) return isAddressRange(raw) ? raw : undefined;
      const name = raw.toLowerCase();
      return DOMAIN.test(name) ? name : undefined;
    },
    (value) => value,
    "expected a domain such as lab.example, or a range such as 10.0.0.0/8",
  );
}

const FIELDS = {
  permit: field(many(permitted()), {
    placeholder: "name,...",
    defaultText: "every name",
    summary: "Names that the new CA may sign for",
    help:
      "Domains, with all below them, and ranges of addresses that the new " +
      "CA may sign for (name constraints). With its key, a thief can pose as " +
      "these alone. The CA for the server may sign for this machine too.",
  }),
  overlap: field(duration().default(30 * DAY), {
    placeholder: "duration",
    summary: "How long the old CA still signs",
    help: "How long the old CA still signs. Both are trusted meanwhile: give " +
      "clients or browsers the new file. With 0s the new one signs at once.",
  }),
  ...JSON_FIELD,
  ...DATA_FIELDS,
};

/** The command `ca`. */
export const CA_COMMAND: Command = {
  name: "ca",
  without: ["net"],
  summary: "List and rotate the CAs of the server",
  usage: [
    "ca list [--json] [options]",
    "ca rotate <server|browser> [options]",
    "ca switch <server|browser> [options]",
    "ca cancel <server|browser> [options]",
  ],
  description:
    "A server makes two CAs: clients trust the one for the server, " +
    "test browsers trust the one for intercepted hosts. Each can be replaced " +
    "while the server runs. Use the same --data-dir as the server.",
  subcommands: {
    list: { description: "Lists the CAs, and which of them signs." },
    rotate: {
      description: "Makes the next CA. Both are trusted from now on, and the " +
        "old one signs until --overlap is over.",
    },
    switch: {
      description: "Lets the next CA sign from now on. The old one ends.",
    },
    cancel: { description: "Forgets the next CA." },
  },
  fields: FIELDS,
  async run(args, { environment, print }) {
    const { values, positionals } = await collectOptions({
      ...SERVER_FIELDS,
      ...FIELDS,
    }, { args, environment });
    const [verb, name, extra] = positionals;
    if (extra !== undefined) throw unexpectedArgument(extra);
    const { dataDir, overlap, permit, json } = validateOptions(FIELDS, values);
    const { changeAuthority, describeAuthorities } = await import(
      "../../server/tls/rotation.ts"
    );
    if (verb === "list" && name === undefined) {
      const views = await describeAuthorities(dataDir);
      print(json ? jsonText(views) : listText(views));
      return EXIT.done;
    }
    const step = STEPS.find((each) => each === verb);
    if (step === undefined) {
      if (verb === undefined) {
        throw missingArgument(
          "work on CAs",
          "the subcommand",
          `ca ${["list", ...STEPS].join("|")}`,
        );
      }
      throw unexpectedArgument(verb, ["list", ...STEPS]);
    }
    const kind = KINDS.find((each) => each === name);
    if (kind === undefined) {
      throw new ConfigError(
        "required",
        `Cannot ${step} a CA: expected "sallyport ca ${step} server" or ` +
          `"sallyport ca ${step} browser"`,
      );
    }
    await changeAuthority(dataDir, step, { kind, overlap, permitted: permit });
    const all = await describeAuthorities(dataDir);
    const views = all.filter((each) => each.kind === kind);
    print(json ? jsonText(views) : listText(views));
    return EXIT.done;
  },
};

function listText(views: readonly AuthorityView[]): string {
  if (views.length === 0) return "no CA is made yet\n";
  return views.map((view) => {
    const limits = view.limits?.join(", ");
    return [
      `CA for the ${view.kind}: ${stateOf(view)}`,
      `  subject      ${view.subject}`,
      `  fingerprint  ${view.fingerprint}`,
      `  expires      ${view.notAfter.toISOString()}`,
      ...limits === undefined ? [] : [`  signs for    ${limits}`],
      "",
    ].join("\n");
  }).join("");
}

function stateOf({ isSigning, isShared, signsFrom }: AuthorityView): string {
  const state = isSigning
    ? "signs"
    : `trusted, signs from ${signsFrom?.toISOString() ?? "now"}`;
  return isShared ? `${state}, the same as for the server` : state;
}
