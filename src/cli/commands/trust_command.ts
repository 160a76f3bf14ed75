// `sallyport trust`: shows the certificate of a server, and pins it.
import { ConfigError } from "../../config/errors.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import type { TrustedServers } from "../../config/trusted_servers.ts";
import { fingerprint, many, onOff } from "../../config/values/values.ts";
import {
  pinServer,
  pinStore,
  serverOrigin,
} from "../certificate/pin_server.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, Listing } from "../table.ts";

const field = fieldsIn("Options");
const FIELDS = {
  fingerprint: field(many(fingerprint()), {
    placeholder: "sha256:hex,...",
    defaultText: "a question on the terminal",
    summary: "Pin only if the certificate has this one",
    help: "Pins the certificate only if it, its public key or an authority " +
      "that the server sends along has this fingerprint. Nothing is asked.",
  }),
  yes: field(onOff(), {
    summary: "Pin without a question",
    help: "Pins what the server shows, without a question. Only on a network " +
      "where nobody can stand between.",
  }),
  remove: field(onOff(), { summary: "Forget the server" }),
  list: field(onOff(), { summary: "List the pinned servers" }),
  ...JSON_FIELD,
  proxyServer: CLIENT_FIELDS.proxyServer,
  cacertFile: CLIENT_FIELDS.cacertFile,
};

/** The command `trust`. */
export const TRUST_COMMAND: Command = {
  name: "trust",
  summary: "Show and pin the certificate of a server",
  usage: [
    "trust <https://host:port> [options]",
    "trust <https://host:port> --remove",
    "trust --list [--json]",
  ],
  description:
    "Connects to a server, shows its certificates and asks whether " +
    'to trust them. "sallyport run" of this user then trusts exactly these ' +
    "for that server. Compare the fingerprint with the one in the server's " +
    "log.",
  fields: FIELDS,
  async run(args, context) {
    const { environment, print } = context;
    const { values, positionals: [server, extra] } = await collectOptions(
      FIELDS,
      { args, environment },
    );
    if (extra !== undefined) throw unexpectedArgument(extra);
    const options = validateOptions(FIELDS, values);
    const store = pinStore(context);
    if (options.list) {
      print(await listText(store, options));
      return EXIT.done;
    }
    if (server === undefined) {
      throw missingArgument(
        "trust a server",
        "its address",
        "trust https://host:port",
      );
    }
    const origin = serverOrigin(server, "trust");
    if (options.remove) {
      if (!await store.remove(origin)) {
        throw new ConfigError(
          "badValue",
          `Cannot forget "${origin}": it is not pinned, see sallyport trust --list`,
        );
      }
      print(`forgot ${origin}\n`);
      return EXIT.done;
    }
    await pinServer(origin, { ...options, store, context });
    return EXIT.done;
  },
};

async function listText(
  store: TrustedServers,
  style: { readonly json: boolean },
): Promise<string> {
  const all = [...await store.list()];
  return new Listing(
    ["server", "since", "fingerprints"],
    all.map((
      [origin, { fingerprints, since }],
    ) => [origin, since, fingerprints.join(",")]),
  ).text(style);
}
