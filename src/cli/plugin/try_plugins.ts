// What `sallyport plugin test` does once: it sends a request, those of a HAR
// file, or those of the tests beside each plugin.
import { resolve } from "node:path";
import type { ConfigOf } from "../../config/field.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { listenToLog } from "../../log/configure.ts";
import {
  type ListedUse,
  type PluginList,
  stemOf,
} from "../../plugin/loading/plugin_list.ts";
import { missingArgument } from "../command.ts";
import { checkExpectations, type TestResult } from "./check_expectations.ts";
import { listedPlugins } from "./plugin_settings.ts";
import { readTestFile, type TestFile, testFileOf } from "./test_file.ts";
import { TEST_FIELDS, testExchanges } from "./test_options.ts";
import { type PluginTestReport, runPluginTest } from "./test_plugin.ts";
import {
  describeResults,
  describeShortly,
  describeTest,
  hasNoFailure,
} from "./test_report.ts";

/** The options of `plugin test`. */
export const FIELDS_OF_TEST = {
  ...TEST_FIELDS,
  configFile: CLIENT_FIELDS.configFile,
  pluginDir: CLIENT_FIELDS.pluginDir,
  pluginPermissions: CLIENT_FIELDS.pluginPermissions,
  allowNpmPlugins: CLIENT_FIELDS.allowNpmPlugins,
  pluginTimeout: CLIENT_FIELDS.pluginTimeout,
  plugins: CLIENT_FIELDS.plugins,
};

/** What is configured about the plugins and their requests. */
export interface TrialSettings {
  readonly config: ConfigOf<typeof FIELDS_OF_TEST>;
  readonly values: OptionValues;
}

/** What came of it. */
export interface Trial {
  /** For the terminal, or one JSON value. */
  readonly text: string;
  readonly hasFailed: boolean;
}

/** The tests of one plugin. */
interface TestedFile {
  readonly path: string;
  readonly results: readonly TestResult[];
}

/**
 * Sends requests through plugins, in the order of their files.
 *
 * @throws {ConfigError} When there is nothing to send, or a file is wrong.
 * @throws {PluginError} When a plugin cannot be loaded.
 */
export async function tryPlugins(
  files: readonly string[],
  settings: TrialSettings,
): Promise<Trial> {
  const { config } = settings;
  const lines: string[] = [];
  await using _log = await listenToLog((line) => lines.push(line));
  const exchanges = await testExchanges(config);
  if (exchanges.length === 0) {
    const tested = await testFiles(files, settings);
    if (tested.length === 0) throw nothingToSend(files);
    return trialOfTests(tested, config.json ? lines : told(lines), config.json);
  }
  const plugins = testedPlugins(files, settings);
  const reports = await runPluginTest(plugins, exchanges);
  const describe = config.har === undefined ? describeTest : describeShortly;
  return {
    hasFailed: !reports.every(hasNoFailure),
    text: config.json
      ? json({ requests: reports.map(jsonOf), log: lines })
      : reports.map(describe).join("") + logText(lines),
  };
}

function nothingToSend(files: readonly string[]): Error {
  const [first = ""] = files;
  return missingArgument(
    "work on a plugin",
    `the URL, or a file "${testFileOf(first)}",`,
    "plugin test <file> --url <url>",
  );
}

/** The results of the tests beside each plugin that has some. */
async function testFiles(
  files: readonly string[],
  settings: TrialSettings,
): Promise<readonly TestedFile[]> {
  const found: (readonly [string, TestFile])[] = [];
  for (const file of files) {
    const tests = await readTestFile(testFileOf(file));
    if (tests !== undefined) found.push([file, tests]);
  }
  const tested: TestedFile[] = [];
  for (const [file, { path, options, cases }] of found) {
    const plugins = testedPlugins([file], settings, options);
    const exchanges = cases.map(({ exchange }) => exchange);
    const reports = await runPluginTest(plugins, exchanges);
    const results = cases.flatMap((test, at) => {
      const report = reports[at];
      return report === undefined ? [] : [checkExpectations(test, report)];
    });
    tested.push({ path, results });
  }
  return tested;
}

function trialOfTests(
  tested: readonly TestedFile[],
  lines: readonly string[],
  isJson: boolean,
): Trial {
  const results = tested.flatMap(({ path, results }) =>
    results.map((result) => ({ file: path, ...result }))
  );
  return {
    hasFailed: results.some(({ problems }) => problems.length > 0),
    text: isJson
      ? json({ tests: results, log: lines })
      : describeResults(tested) + logText(lines),
  };
}

/** What a plugin says while its tests pass is of no interest; what goes wrong is. */
function told(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /\[(?:ERROR|WARN)\]/.test(line));
}

/** The files with what the list of plugins has about them. */
function testedPlugins(
  files: readonly string[],
  { config, values }: TrialSettings,
  options?: unknown,
): PluginList {
  const { configFile, pluginPermissions, pluginTimeout, allowNpmPlugins } =
    config;
  const all = listedPlugins(config, values);
  const tested = files.flatMap((file): readonly ListedUse[] => {
    const listed = all.filter(({ use }) =>
      typeof use === "string" && resolve(use) === resolve(file)
    );
    const uses = listed.length > 0 ? listed : [{ use: file }];
    return options === undefined
      ? uses
      // Lines of the configuration file are not those of these options.
      : uses.map((use) => ({ ...use, options, placeOf: undefined }));
  });
  const names = tested.map(({ name, use }) => name ?? stemOf(String(use)));
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

/** The log lines of the plugin, and about it. */
function logText(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `\nThe log:\n\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function jsonOf({ failure, ...report }: PluginTestReport): object {
  return { ...report, failure: failure?.message };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
