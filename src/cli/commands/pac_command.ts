// `sallyport pac eval`: the proxies that a PAC script selects for a URL.
import { ownAddresses } from "../../client/proxy/upstream.ts";
import { ConfigError } from "../../config/errors.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { text } from "../../config/values/values.ts";
import { visible } from "../../log/visible.ts";
import { firstAnswer, systemResolver } from "../../net/names/resolver.ts";
import { formatUpstreamProxy } from "../../net/address/upstream_proxy.ts";
import { PacScript } from "../../pac/pac_script.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { readPac } from "../../client/read_pac.ts";

const field = fieldsIn("Options");

const FIELDS = {
  pac: field(text(), {
    short: "p",
    placeholder: "path or URL",
    summary: "PAC script: path, URL, data:... or -",
    help: "PAC script: a path, a URL, data:base64,... or - for standard input.",
  }),
};

/** The command `pac`. */
export const PAC_COMMAND: Command = {
  name: "pac",
  without: ["write"],
  summary: "Print the proxies that a PAC script selects",
  usage: ["pac eval <url> --pac <path or URL>"],
  description: 'Runs the script like "sallyport run --pac" and prints the ' +
    "proxies that it selects for the URL, one per line, in order of use. Output " +
    "of alert() goes to standard error.",
  subcommands: {
    eval: {
      description: "Prints the proxies that the script selects for the URL, " +
        "one per line, in order of use. Output of alert() goes to standard error.",
    },
  },
  fields: FIELDS,
  async run(args, { environment, print, printError }) {
    const { values, positionals } = await collectOptions(FIELDS, {
      args,
      environment,
    });
    const url = urlOf(positionals);
    const { pac } = validateOptions(FIELDS, values);
    using script = await PacScript.load(await readPac(pac, []), {
      resolve: firstAnswer(systemResolver),
      ownAddresses,
      onAlert: printError,
    });
    const found = await script.find(url, new AbortController().signal);
    for (const each of found) {
      print(
        each === "direct"
          ? "DIRECT\n"
          : `${visible(formatUpstreamProxy(each))}\n`,
      );
    }
    return EXIT.done;
  },
};

function urlOf(positionals: readonly string[]): string {
  const [verb, url = "", ...more] = positionals;
  if (verb === "eval" && URL.canParse(url) && more.length === 0) return url;
  throw new ConfigError(
    "badValue",
    'Cannot run pac: expected "pac eval <url>" with an absolute URL',
  );
}
