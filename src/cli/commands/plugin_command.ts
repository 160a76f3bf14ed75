// `sallyport plugin`: tests a plugin without a tunnel, or creates one.
import { resolve } from "node:path";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import type { ConfigError } from "../../config/errors.ts";
import type { ConfigOf } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { type PluginList, stemOf } from "../../plugin/loading/plugin_list.ts";
import { listenToLog } from "../../log/configure.ts";
import {
  type Command,
  missingArgument,
  onlyArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import {
  describeShortly,
  describeTest,
  hasNoFailure,
} from "../plugin/test_report.ts";
import { listedPlugins, PLUGIN_FOLDER } from "../plugin/plugin_settings.ts";
import { writePlugin } from "../plugin/plugin_template.ts";
import { RECIPE_FIELDS, RECIPE_NAMES } from "../plugin/recipes.ts";
import { TEST_FIELDS, testExchanges } from "../plugin/test_options.ts";
import { runPluginTest } from "../plugin/test_plugin.ts";

const FIELDS_OF_TEST = {
  ...TEST_FIELDS,
  configFile: CLIENT_FIELDS.configFile,
  pluginDir: CLIENT_FIELDS.pluginDir,
  pluginPermissions: CLIENT_FIELDS.pluginPermissions,
  allowNpmPlugins: CLIENT_FIELDS.allowNpmPlugins,
  pluginTimeout: CLIENT_FIELDS.pluginTimeout,
  plugins: CLIENT_FIELDS.plugins,
};

const FIELDS_OF_NEW = { ...RECIPE_FIELDS, pluginDir: CLIENT_FIELDS.pluginDir };

const FIELDS = { ...FIELDS_OF_TEST, ...RECIPE_FIELDS };

type PluginCommandConfig = ConfigOf<typeof FIELDS>;

const ACTIONS = ["test", "new"] as const;

/** The command `plugin`. */
export const PLUGIN_COMMAND: Command = {
  name: "plugin",
  summary: "Test a plugin, or create one",
  usage: [
    "plugin test <file> --url <url> [options]",
    "plugin new <name> [--recipe <recipe>]",
  ],
  description: '"test" sends requests through a plugin and shows what each ' +
    'hook does. "new" writes a plugin to start from into the folder of plugins.',
  fields: FIELDS,
  subcommands: {
    test: {
      description: "Sends a request through a plugin and shows what each " +
        "hook does, and what the plugin logs. It uses no tunnel and contacts " +
        "no site: the options say what the site responds. With --har it sends " +
        "recorded requests. The exit code is 1 if a hook fails.",
      fields: FIELDS_OF_TEST,
    },
    new: {
      description:
        "Writes a plugin into the folder of plugins, and the types " +
        "of plugins beside it: a template with all hooks, or one of the " +
        `recipes: ${RECIPE_NAMES.join(", ")}. It never overwrites a plugin.`,
      fields: FIELDS_OF_NEW,
    },
  },
  async run(args, { environment, print }) {
    const { values, positionals: [action, name, extra] } = await collectOptions(
      { ...CLIENT_FIELDS, ...TEST_FIELDS, ...RECIPE_FIELDS },
      { args, environment },
    );
    const chosen = onlyArgument(action === undefined ? [] : [action], ACTIONS);
    if (chosen === undefined) {
      throw missing("the subcommand", ACTIONS.join("|"));
    }
    if (extra !== undefined) throw unexpectedArgument(extra);
    const config = validateOptions(FIELDS, values);
    if (chosen === "new") return await create(name, config, print);
    return await test(name, { config, values }, print);
  },
};

async function create(
  name: string | undefined,
  { pluginDir = PLUGIN_FOLDER, recipe }: PluginCommandConfig,
  print: Context["print"],
): Promise<number> {
  if (name === undefined) throw missing("the name", "new <name>");
  const path = await writePlugin(name, pluginDir, recipe);
  const hint = recipe && " Its first comment explains it.";
  print(
    `Created ${path}.${hint ?? ""} Test it and use it:\n\n` +
      `  sallyport plugin test ${path} --url http://shop.example/\n` +
      `  sallyport run --plugin-dir ${pluginDir} ...\n`,
  );
  return EXIT.done;
}

async function test(
  file: string | undefined,
  { config, values }: {
    readonly config: PluginCommandConfig;
    readonly values: OptionValues;
  },
  print: Context["print"],
): Promise<number> {
  if (file === undefined) throw missing("the file", TEST_USAGE);
  const exchanges = await testExchanges(config);
  if (exchanges.length === 0) throw missing("the URL", TEST_USAGE);
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const plugins = testedPlugins(file, config, values);
  const reports = await runPluginTest(plugins, exchanges);
  const describe = config.har === undefined ? describeTest : describeShortly;
  print(reports.map(describe).join("") + logText(lines));
  return reports.every(hasNoFailure) ? EXIT.done : EXIT.refused;
}

/** The file with what the list of plugins has about it. */
function testedPlugins(
  file: string,
  config: PluginCommandConfig,
  values: OptionValues,
): PluginList {
  const { configFile, pluginPermissions, pluginTimeout, allowNpmPlugins } =
    config;
  const listed = listedPlugins(config, values).filter(({ use }) =>
    typeof use === "string" && resolve(use) === resolve(file)
  );
  const tested = listed.length > 0 ? listed : [{ use: file }];
  const names = tested.map(({ name }) => name ?? stemOf(file));
  return {
    plugins: tested,
    // A configuration file has rules for other plugins too.
    permissions: pluginPermissions.filter(({ plugin }) =>
      configFile === undefined || plugin === undefined || names.includes(plugin)
    ),
    timeBudget: pluginTimeout,
    allowPackages: allowNpmPlugins,
  };
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
