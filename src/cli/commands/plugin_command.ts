// `sallyport plugin`: tests a plugin without a tunnel, or creates one.
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import type { ConfigOf } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { PluginError } from "../../plugin/api/errors.ts";
import {
  type Command,
  missingArgument,
  onlyArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { PLUGIN_FOLDER } from "../plugin/plugin_settings.ts";
import { writePlugin } from "../plugin/plugin_template.ts";
import { RECIPE_FIELDS, RECIPE_NAMES } from "../plugin/recipes.ts";
import { TEST_FIELDS } from "../plugin/test_options.ts";
import {
  FIELDS_OF_TEST,
  type TrialSettings,
  tryPlugins,
} from "../plugin/try_plugins.ts";
import { fileChanges } from "../plugin/watch_files.ts";
import { stopSignals } from "../signals.ts";

const FIELDS_OF_NEW = { ...RECIPE_FIELDS, pluginDir: CLIENT_FIELDS.pluginDir };

const FIELDS = { ...FIELDS_OF_TEST, ...RECIPE_FIELDS };

type PluginCommandConfig = ConfigOf<typeof FIELDS>;

const ACTIONS = ["test", "new"] as const;

/** The command `plugin`. */
export const PLUGIN_COMMAND: Command = {
  name: "plugin",
  summary: "Test a plugin, or create one",
  usage: [
    "plugin test <file>... [--url <url>] [options]",
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
        "recorded requests. Several plugins run one after the other. Without " +
        "--url and --har, it plays the tests in the file beside each plugin, " +
        "such as shop.test.yaml beside shop.ts. The exit code is 1 if a hook " +
        "or a test fails.",
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
    const { values, positionals: [action, ...names] } = await collectOptions(
      { ...CLIENT_FIELDS, ...TEST_FIELDS, ...RECIPE_FIELDS },
      { args, environment },
    );
    const chosen = onlyArgument(action === undefined ? [] : [action], ACTIONS);
    if (chosen === undefined) {
      throw missing("the subcommand", ACTIONS.join("|"));
    }
    const config = validateOptions(FIELDS, values);
    if (chosen === "test") return await test(names, { config, values }, print);
    const [name, extra] = names;
    if (extra !== undefined) throw unexpectedArgument(extra);
    return await create(name, config, print);
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

/** Once, or with each change until Ctrl-C. @returns The exit code. */
async function test(
  files: readonly string[],
  settings: TrialSettings,
  print: Context["print"],
): Promise<number> {
  if (files.length === 0) throw missing("the file", TEST_USAGE);
  const { watch, har, configFile } = settings.config;
  if (!watch) {
    const { text, hasFailed } = await tryPlugins(files, settings);
    print(text);
    return hasFailed ? EXIT.refused : EXIT.done;
  }
  using signals = stopSignals();
  const named = [har, configFile].filter((path) => path !== undefined);
  const changes = fileChanges([...files, ...named], signals.signal);
  do {
    print(await textOfTrial(files, settings));
    print("\nWaiting for changes; Ctrl-C ends it.\n\n");
  } while (!(await changes.next()).done);
  return EXIT.done;
}

/** Somebody is at work on these files: what is wrong with them ends nothing. */
async function textOfTrial(
  files: readonly string[],
  settings: TrialSettings,
): Promise<string> {
  try {
    return (await tryPlugins(files, settings)).text;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof PluginError)) {
      throw error;
    }
    return `${error.message}\n`;
  }
}

const TEST_USAGE = "test <file> --url <url>";

function missing(what: string, example: string): ConfigError {
  return missingArgument("work on a plugin", what, `plugin ${example}`);
}
