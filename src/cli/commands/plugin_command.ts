/**
 * `sallyport plugin`: to write plugins, and to try them out without a tunnel.
 *
 * @module
 */
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import { field, type Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import {
  headerField,
  httpUrl,
  method,
} from "../../config/values/request_values.ts";
import { many, type Pair, text } from "../../config/values/values.ts";
import { listenToLog } from "../../log/configure.ts";
import { type Command, onlyWord, unexpected } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { describeTrial, isWell } from "../plugin/plugin_report.ts";
import { PLUGIN_FOLDER } from "../plugin/plugin_settings.ts";
import { writeStarter } from "../plugin/plugin_starter.ts";
import { tryPlugin } from "../plugin/plugin_test.ts";

interface RequestConfig {
  readonly url: URL | undefined;
  readonly method: string;
  readonly header: readonly Pair[];
  readonly body: string | undefined;
}

type PluginCommandConfig =
  & RequestConfig
  & Pick<
    ClientConfig,
    "configFile" | "pluginDir" | "pluginPermissions" | "plugins"
  >;

const REQUEST_FIELDS: Fields<RequestConfig> = {
  url: field(httpUrl().optional(), {
    section: "The request",
    placeholder: "url",
    inFile: false,
    help: "What the browser asks for.",
  }),
  method: field(method().default("GET"), {
    section: "The request",
    placeholder: "method",
    inFile: false,
    help: "How it asks.",
  }),
  header: field(many(headerField()), {
    section: "The request",
    placeholder: "'name: value'",
    isWhole: true,
    inFile: false,
    help: "A field of the request. Repeat it for others.",
  }),
  body: field(text().optional(), {
    section: "The request",
    placeholder: "text",
    inFile: false,
    help: "The content of the request.",
  }),
};

const FIELDS: Fields<PluginCommandConfig> = {
  ...REQUEST_FIELDS,
  configFile: CLIENT_FIELDS.configFile,
  pluginDir: CLIENT_FIELDS.pluginDir,
  pluginPermissions: CLIENT_FIELDS.pluginPermissions,
  plugins: CLIENT_FIELDS.plugins,
};

const ACTIONS = ["test", "new"] as const;

/** The command `plugin`. */
export const PLUGIN_COMMAND: Command = {
  name: "plugin",
  summary: "Try a plugin out, or begin a new one",
  usage: ["plugin test <file> --url <url> [options]", "plugin new <name>"],
  description: '"test" gives a plugin one request and says what each of its ' +
    "hooks does to it, without a tunnel and without asking a site. It exits " +
    'with 1 if one fails. "new" writes a plugin to start from into the ' +
    "folder of plugins, and never over a file.",
  fields: { ...FIELDS },
  nested: {
    test: {
      description: "Gives the plugin in a file one request, and says what " +
        "each of its hooks does to it, without a tunnel and without asking a " +
        "site. It exits with 1 if one fails. What the plugin logs follows.",
    },
    new: {
      description:
        "Writes a plugin to start from into the folder of plugins, " +
        "and never over a file. It says how to try it out.",
      fields: { pluginDir: FIELDS.pluginDir },
    },
  },
  async run(args, { environment, print }) {
    const { given, words: [action, name, extra] } = await collect(
      { ...CLIENT_FIELDS, ...REQUEST_FIELDS },
      { args, environment },
    );
    const chosen = onlyWord(action === undefined ? [] : [action], ACTIONS);
    if (chosen === undefined) throw missing("what to do", ACTIONS.join("|"));
    if (extra !== undefined) throw unexpected(extra);
    const config = check(FIELDS, given);
    if (chosen === "new") return await begin(name, config, print);
    return await test(name, config, print);
  },
};

async function begin(
  name: string | undefined,
  { pluginDir = PLUGIN_FOLDER }: PluginCommandConfig,
  print: Context["print"],
): Promise<number> {
  if (name === undefined) throw missing("its name", "new <name>");
  const path = await writeStarter(name, pluginDir);
  print(
    `${path} is written. See what it does, and have it used:\n\n` +
      `  sallyport plugin test ${path} --url http://shop.example/\n` +
      `  sallyport run --plugin-dir ${pluginDir} ...\n`,
  );
  return EXIT.done;
}

async function test(
  file: string | undefined,
  { url, method, header, body, ...config }: PluginCommandConfig,
  print: Context["print"],
): Promise<number> {
  if (file === undefined) throw missing("its file", TEST_USAGE);
  if (url === undefined) throw missing("the URL", TEST_USAGE);
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const report = await tryPlugin({
    plugins: {
      files: [file],
      permissions: config.pluginPermissions,
      options: config.plugins ?? {},
    },
    method,
    url,
    fields: header.flatMap(({ name, value }) => [name, value]),
    content: body,
  });
  print(describeTrial(report) + logText(lines));
  return isWell(report) ? EXIT.done : EXIT.refused;
}

const TEST_USAGE = "test <file> --url <url>";

function missing(what: string, example: string): ConfigError {
  return new ConfigError(
    "required",
    `Cannot work on a plugin: ${what} is not given, ` +
      `write "sallyport plugin ${example}"`,
  );
}

/** What the plugin itself had to say, and what was said of it. */
function logText(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `\nThe log:\n\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
