/**
 * `sallyport legacy`: a configuration file of Sauce Connect 4 as one of today.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import { parseFile } from "../../config/sources/parse_file.ts";
import { readBounded } from "../../config/sources/read_bounded.ts";
import { yamlOptions } from "../../config/sources/yaml_file.ts";
import { type Command, unexpected } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { type OldOptions, type OldValue, SWITCHES } from "../legacy/map.ts";
import { translate, type Translation } from "../legacy/translate.ts";

/** The command `legacy`. */
export const LEGACY_COMMAND: Command = {
  name: "legacy",
  without: ["net", "write"],
  summary: "Translate a configuration file of Sauce Connect 4",
  usage: ["legacy <path>"],
  description: "Reads the YAML file of Sauce Connect 4 and prints one for " +
    '"sallyport run --config-file". What nobody needs any more becomes a ' +
    "comment; what only you can translate is an error that says what to do. " +
    "The access key is printed if the file has it. Domains, which were names, " +
    "become regular expressions.",
  fields: {},
  async run([path, ...more], { print }) {
    const [extra] = more;
    if (path?.startsWith("-")) throw unexpected(path);
    if (extra !== undefined) throw unexpected(extra);
    if (path === undefined) {
      throw new ConfigError(
        "required",
        "Cannot translate without a file: not given, write sallyport legacy sc.yaml",
      );
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

/** A switch may stand without a value; anything else is not set then. */
function missing(name: string): OldValue {
  return SWITCHES.has(name) ? "true" : "";
}

/** Words as written. */
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
  const server = "# The server that gives out tunnels.\n" +
    "# server: https://host:port\n";
  const opening = options["tls-passthrough-domains"] === undefined
    ? "# Sauce Connect 4 opened the TLS of all sites; for that, say\n" +
      "# tls-resign-domains: all\n"
    : "";
  const body = yamlOptions(options);
  return [...comments, server, opening, body].join("");
}

function wrongShape(path: string, name?: string): ConfigError {
  const what = name === undefined ? `"${path}"` : `${name} in "${path}"`;
  return new ConfigError(
    "badFile",
    `Cannot use ${what}: expected lines of the form "option: value"`,
  );
}
