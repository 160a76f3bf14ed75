import { visible } from "../../log/visible.ts";
import { formatAddress } from "../../net/address/address.ts";
import type { CallName } from "../../plugin/api/hook_names.ts";
import { describeConnection } from "../../plugin/host/chain.ts";
import type { TestResult } from "./check_expectations.ts";
import {
  type MessageText,
  type PluginTestReport,
  SAMPLE_RESPONSE,
} from "./test_plugin.ts";

/** Lines of content to show: enough for changes at its beginning. */
const MAX_LINES = 20;
const MAX_QUOTED = 50;

/** The columns before the result of a hook. */
const WIDTH = 10;
const INDENT = " ".repeat(WIDTH);

/** What a plugin did to one request, as text for the terminal. */
export function describeTest(report: PluginTestReport): string {
  const { plugins, request, failure } = report;
  const names = plugins.map((name) => `"${name}"`).join(", ");
  return [
    `Plugin${plugins.length > 1 ? "s" : ""} ${names} with one request; ` +
    "no site is contacted.",
    "",
    request.start,
    "",
    ...hookLines("setup", report, () => ["done"]),
    ...hookLines("request", report, CHANGES.request),
    ...hookLines("connect", report, CHANGES.connect),
    ...hookLines("resolve", report, CHANGES.resolve),
    ...hookLines("response", report, CHANGES.response),
    "",
    ...failure === undefined ? responseLines(report) : [failure.message],
    "",
  ].map(escaped).join("\n");
}

/** A line with escaped control characters, except for tabs. */
function escaped(line: string): string {
  return line.split("\t").map(visible).join("\t");
}

/** What a plugin did to one of many requests: a line, and the changes below it. */
export function describeShortly(report: PluginTestReport): string {
  const { request, response, failure } = report;
  const changes = (["request", "connect", "resolve", "response"] as const)
    .flatMap((hook) => hookLines(hook, report, CHANGES[hook]))
    .filter((line) =>
      !/ is not called$| unchanged|does not resolve/.test(line)
    );
  const end = failure?.message ?? response?.start ?? "";
  return [`${request.start} → ${end}`, ...changes.map((line) => `  ${line}`)]
    .map(escaped).join("\n") + "\n";
}

/** How tests ended, as text for the terminal. */
export function describeResults(
  files: readonly {
    readonly path: string;
    readonly results: readonly TestResult[];
  }[],
): string {
  const lines = files.flatMap(({ path, results }) => [
    path,
    ...results.flatMap(({ name, line, problems }) => [
      problems.length === 0
        ? `  ok      ${name}`
        : `  FAILED  ${name} (line ${line ?? "?"})`,
      ...problems.map(({ line, message }) =>
        `${INDENT}line ${line ?? "?"}: ${message}`
      ),
    ]),
  ]);
  const all = files.flatMap(({ results }) => results);
  const failed = all.filter(({ problems }) => problems.length > 0).length;
  const end = `${all.length - failed} passed, ${failed} failed`;
  return [...lines, "", end, ""].map(escaped).join("\n");
}

/** Whether no hook failed. */
export function hasNoFailure({ calls, failure }: PluginTestReport): boolean {
  return failure === undefined && calls.every(({ failed }) => !failed);
}

/** `request   changes the request (0.3 ms)`, and the changes below it. */
function hookLines(
  hook: CallName,
  report: PluginTestReport,
  changesIn: (report: PluginTestReport) => readonly string[],
): string[] {
  const own = report.calls.filter((call) => call.hook === hook);
  const title = hook.padEnd(WIDTH);
  const [call] = own;
  if (call === undefined) return [`${title}is not called`];
  const time = timesOf(own);
  if (own.some(({ failed }) => failed)) return [`${title}fails${time}`];
  const [first = "", ...others] = changesIn(report);
  return [title + first + time, ...others.map((line) => INDENT + line)];
}

/** ` (0.3 ms)`, and of several plugins ` (a 0.3 ms, b 0.1 ms)`. */
function timesOf(calls: PluginTestReport["calls"]): string {
  const times = calls.map(({ plugin, seconds }) => {
    const time = `${(seconds * 1000).toFixed(1)} ms`;
    return calls.length > 1 ? `${plugin} ${time}` : time;
  });
  return ` (${times.join(", ")})`;
}

function requestChanges(
  { request, forwarded }: PluginTestReport,
): readonly string[] {
  if (forwarded === undefined) return ["sends its own response"];
  const changes = changesOf(request, forwarded);
  return changes.length === 0
    ? ["leaves the request unchanged"]
    : ["changes the request", ...changes];
}

function connectChanges(
  { connection, failure }: PluginTestReport,
): readonly string[] {
  if (failure?.code === "refused") return ["refuses the connection"];
  if (connection === undefined) return ["is called"];
  const target = formatAddress(connection.target);
  const redirectedTo = describeConnection(connection.redirectedTo);
  return target === redirectedTo
    ? [`leaves the connection to ${target} unchanged`]
    : [`redirects the connection from ${target} to ${redirectedTo}`];
}

function resolveChanges({ connection }: PluginTestReport): readonly string[] {
  if (connection === undefined) return ["is called"];
  const { redirectedTo: { place: { hostname } }, addresses } = connection;
  return addresses === undefined
    ? [`does not resolve ${hostname}`]
    : [`resolves ${hostname} to ${addresses.join(", ")}`];
}

function responseChanges(
  { forwarded, sample, response }: PluginTestReport,
): readonly string[] {
  if (response === undefined) return ["is called"];
  if (forwarded === undefined) return ["receives the plugin's own response"];
  const changes = changesOf(sample, response);
  return changes.length === 0
    ? ["leaves the response unchanged"]
    : ["changes the response", ...changes];
}

/** What each hook of a request did. */
const CHANGES = {
  request: requestChanges,
  connect: connectChanges,
  resolve: resolveChanges,
  response: responseChanges,
} as const;

function changesOf(before: MessageText, after: MessageText): readonly string[] {
  const lines: string[] = [];
  if (before.start !== after.start) lines.push(`is now ${after.start}`);
  for (const line of before.lines) {
    if (!after.lines.includes(line)) lines.push(`- ${line}`);
  }
  for (const line of after.lines) {
    if (!before.lines.includes(line)) lines.push(`+ ${line}`);
  }
  if (before.content !== after.content) {
    lines.push(`content is now ${quoted(after.content)}`);
  }
  return lines;
}

/** The beginning of a text, on one line. */
function quoted(text: string): string {
  const isLong = text.length > MAX_QUOTED;
  return JSON.stringify(text.slice(0, MAX_QUOTED)) + (isLong ? " …" : "");
}

/** The response that the browser would receive. */
function responseLines(
  { response, forwarded, sample }: PluginTestReport,
): readonly string[] {
  if (response === undefined) return [];
  const isSample = sample.content === SAMPLE_RESPONSE.content;
  const { start, lines, content } = response;
  const text = content.trimEnd().split(/\r?\n/);
  const more = text.length - MAX_LINES;
  return [
    forwarded === undefined
      ? "The browser receives from the plugin:"
      : isSample
      ? "The browser receives, if the site sends the sample page:"
      : "The browser receives, if the site sends the given response:",
    "",
    ...[start, ...lines, "", ...text.slice(0, MAX_LINES)].map((line) =>
      `  ${line}`.trimEnd()
    ),
    ...more > 0 ? [`  (${more} more lines)`] : [],
  ];
}
