// `sallyport legacy`: translates a configuration file of Sauce Connect 4.
import { ConfigError } from "../../config/errors.ts";
import { parseFile } from "../../config/sources/parse_file.ts";
import { readBounded } from "../../config/sources/read_bounded.ts";
import { yamlOptions } from "../../config/sources/yaml_file.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  LEGACY_SWITCHES,
  type OldOptions,
  type OldValue,
} from "../legacy/option_map.ts";
import { translate, type Translation } from "../legacy/translate.ts";

/** The command `legacy`. */
export const LEGACY_COMMAND: Command = {
  name: "legacy",
  without: ["net", "write"],
  summary: "Translate a configuration file of Sauce Connect 4",
  usage: ["legacy <path>"],
  description: "Reads a YAML file of Sauce Connect 4 and prints one for " +
    '"sallyport run --config-file". Obsolete options become comments. An ' +
    "option that needs your decision is an error that says what to do. The " +
    "access key is printed if the file contains it. Domain names become " +
    "regular expressions.",
  fields: {},
  async run([path, ...more], { print }) {
    const [extra] = more;
    if (path?.startsWith("-")) throw unexpectedArgument(path);
    if (extra !== undefined) throw unexpectedArgument(extra);
    if (path === undefined) {
      throw missingArgument("translate", "the file", "legacy sc.yaml");
    }
    print(fileOf(translate(await readOld(path))));
    return EXIT.done;
  },
};

async function readOld(path: string): Promise<OldOptions> {
  const text = await readBounded(path, "configuration file");
  const data = parseFile(path, text) ?? {};
  if (typeof data !== "object" || Array.isArray(data)) throw wrongShape(path);
  return new Map(
    Object.entries(data).map(([name, value]) => {
      const old = value === null ? missing(name) : oldValue(value);
      if (old === undefined) throw wrongShape(path, name);
      return [name, old];
    }),
  );
}

/** A switch without a value is on. Other options without a value are unset. */
function missing(name: string): OldValue {
  return LEGACY_SWITCHES.has(name) ? "true" : "";
}

/** A value as it is written in the file. */
function oldValue(value: unknown): OldValue | undefined {
  if (Array.isArray(value)) {
    const items = value.filter((each) => typeof each === "string");
    return items.length === value.length ? items : undefined;
  }
  return typeof value === "string" ? value : undefined;
}

function fileOf({ options, dropped }: Translation): string {
  const comments = dropped.map(({ name, because }) =>
    `# ${name} is dropped: ${because}.\n`
  );
  const server = "# The Sallyport server.\n" +
    "# server: https://host:port\n";
  const interception = options["tls-passthrough-domains"] === undefined
    ? "# Sauce Connect 4 intercepted the TLS of all sites. To do the same:\n" +
      "# tls-resign-domains: all\n"
    : "";
  const body = yamlOptions(options);
  return [...comments, server, interception, body].join("");
}

function wrongShape(path: string, name?: string): ConfigError {
  const what = name === undefined ? `"${path}"` : `${name} in "${path}"`;
  return new ConfigError(
    "badFile",
    `Cannot use ${what}: expected lines of the form "option: value"`,
  );
}
