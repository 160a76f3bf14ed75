/**
 * `sallyport pac eval`: says which proxies a PAC script chooses for a URL.
 *
 * @module
 */
import { ownAddresses } from "../../client/proxy/upstream.ts";
import { ConfigError } from "../../config/errors.ts";
import { field, type Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import { text } from "../../config/values/values.ts";
import { visible } from "../../log/visible.ts";
import { firstAnswer, systemResolver } from "../../net/names/resolver.ts";
import { formatUpstreamProxy } from "../../net/address/upstream_proxy.ts";
import { PacScript } from "../../pac/pac_script.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { readPac } from "./read_pac.ts";

interface PacEvalConfig {
  readonly pac: string;
}

const FIELDS: Fields<PacEvalConfig> = {
  pac: field(text(), {
    section: "Options",
    short: "p",
    placeholder: "path or URL",
    help: "The script: a path, a URL, data:base64,... or - for standard input.",
  }),
};

/** The command `pac`. */
export const PAC_COMMAND: Command = {
  name: "pac",
  without: ["write"],
  summary: "Say which proxies a PAC script chooses",
  usage: ["pac eval URL --pac <path or URL>"],
  description: 'Runs the script as "sallyport run --pac" does and prints ' +
    "the proxies that it chooses for the URL, one a line, in the order in " +
    "which they are tried. What it says with alert() goes to standard error.",
  nested: {
    eval: {
      description: "Prints the proxies that the script chooses for the URL, " +
        "one a line, in the order in which they are tried.",
    },
  },
  fields: { ...FIELDS },
  async run(args, { environment, print, complain }) {
    const { given, words } = await collect(FIELDS, { args, environment });
    const url = urlOf(words);
    const { pac } = check(FIELDS, given);
    using script = await PacScript.load(await readPac(pac, []), {
      resolve: firstAnswer(systemResolver),
      ownAddresses,
      onAlert: complain,
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

function urlOf(words: readonly string[]): string {
  const [verb, url = "", ...more] = words;
  if (verb === "eval" && URL.canParse(url) && more.length === 0) return url;
  throw new ConfigError(
    "badValue",
    'Cannot run pac: expected "pac eval URL" with a whole URL',
  );
}
