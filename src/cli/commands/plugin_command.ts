// `sallyport plugin`: tests a plugin without a tunnel, or creates one.
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import type { ConfigError } from "../../config/errors.ts";
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import {
  headerField,
  httpUrl,
  method,
} from "../../config/values/request_values.ts";
import { many, text } from "../../config/values/values.ts";
import { listenToLog } from "../../log/configure.ts";
import {
  type Command,
  missingArgument,
  onlyArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { describeTest, hasNoFailure } from "../plugin/test_report.ts";
import { PLUGIN_FOLDER } from "../plugin/plugin_settings.ts";
import { writeTemplate } from "../plugin/plugin_template.ts";
import { testPlugin } from "../plugin/test_plugin.ts";

const field = fieldsIn("The request", { inFile: false });

const REQUEST_FIELDS = {
  url: field(httpUrl().optional(), {
    placeholder: "url",
    summary: "URL of the request",
  }),
  method: field(method().default("GET"), {
    placeholder: "method",
    summary: "Method of the request",
  }),
  header: field(many(headerField()), {
    placeholder: "'name: value'",
    noSplit: true,
    summary: "Header field of the request; repeatable",
    help: "Header field of the request. Repeat the option for others.",
  }),
  body: field(text().optional(), {
    placeholder: "text",
    summary: "Content of the request",
  }),
};

const FIELDS = {
  ...REQUEST_FIELDS,
  configFile: CLIENT_FIELDS.configFile,
  pluginDir: CLIENT_FIELDS.pluginDir,
  pluginPermissions: CLIENT_FIELDS.pluginPermissions,
  plugins: CLIENT_FIELDS.plugins,
};

type PluginCommandConfig = ConfigOf<typeof FIELDS>;

const ACTIONS = ["test", "new"] as const;

/** The command `plugin`. */
export const PLUGIN_COMMAND: Command = {
  name: "plugin",
  summary: "Test a plugin, or create one",
  usage: ["plugin test <file> --url <url> [options]", "plugin new <name>"],
  description:
    '"test" sends one request through a plugin and shows what each ' +
    'hook does. "new" writes a plugin template into the folder of plugins.',
  fields: FIELDS,
  subcommands: {
    test: {
      description: "Sends one request through a plugin and shows what each " +
        "hook does, and what the plugin logs. It uses no tunnel and contacts " +
        "no site. The exit code is 1 if a hook fails.",
    },
    new: {
      description: "Writes a plugin template into the folder of plugins. It " +
        "never overwrites a file.",
      fields: { pluginDir: FIELDS.pluginDir },
    },
  },
  async run(args, { environment, print }) {
    const { values, positionals: [action, name, extra] } = await collectOptions(
      { ...CLIENT_FIELDS, ...REQUEST_FIELDS },
      { args, environment },
    );
    const chosen = onlyArgument(action === undefined ? [] : [action], ACTIONS);
    if (chosen === undefined) {
      throw missing("the subcommand", ACTIONS.join("|"));
    }
    if (extra !== undefined) throw unexpectedArgument(extra);
    const config = validateOptions(FIELDS, values);
    if (chosen === "new") return await create(name, config, print);
    return await test(name, config, print);
  },
};

async function create(
  name: string | undefined,
  { pluginDir = PLUGIN_FOLDER }: PluginCommandConfig,
  print: Context["print"],
): Promise<number> {
  if (name === undefined) throw missing("the name", "new <name>");
  const path = await writeTemplate(name, pluginDir);
  print(
    `Created ${path}. Test it and use it:\n\n` +
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
  if (file === undefined) throw missing("the file", TEST_USAGE);
  if (url === undefined) throw missing("the URL", TEST_USAGE);
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const report = await testPlugin({
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
  print(describeTest(report) + logText(lines));
  return hasNoFailure(report) ? EXIT.done : EXIT.refused;
}

const TEST_USAGE = "test <file> --url <url>";

function missing(what: string, example: string): ConfigError {
  return missingArgument("work on a plugin", what, `plugin ${example}`);
}

/** The log lines of the plugin, and about it. */
function logText(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `\nThe log:\n\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
