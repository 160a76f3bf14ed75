/**
 * What a plugin did to one request, in plain words.
 *
 * @module
 */
import { visible } from "../../log/visible.ts";
import { formatAddress } from "../../net/address/address.ts";
import type { CallName } from "../../plugin/api/hook_names.ts";
import type { Told, TrialReport } from "./plugin_test.ts";

/** Lines of content that are shown: enough to see what has changed at its beginning. */
const MAX_LINES = 20;
const MAX_QUOTED = 50;

/** Columns before what a hook did. */
const WIDTH = 10;
const INDENT = " ".repeat(WIDTH);

/** The text for the terminal. */
export function describeTrial(report: TrialReport): string {
  const { plugin, asked, failure } = report;
  return [
    `Plugin "${plugin}" and one request; no site is asked.`,
    "",
    asked.start,
    "",
    ...hookLines("setup", report, () => ["done"]),
    ...hookLines("request", report, requestWords),
    ...hookLines("connect", report, connectWords),
    ...hookLines("resolve", report, resolveWords),
    ...hookLines("response", report, responseWords),
    "",
    ...failure === undefined ? answerLines(report) : [failure.message],
    "",
  ].map(shown).join("\n");
}

/** A line whose control characters do nothing to the terminal; tabs may stay. */
function shown(line: string): string {
  return line.split("\t").map(visible).join("\t");
}

/** Whether every hook did what it should. */
export function isWell({ calls, failure }: TrialReport): boolean {
  return failure === undefined && calls.every(({ failed }) => !failed);
}

/** `request   changes the request (0.3 ms)`, and the changes below it. */
function hookLines(
  hook: CallName,
  report: TrialReport,
  wordsOf: (report: TrialReport) => readonly string[],
): string[] {
  const own = report.calls.filter((call) => call.hook === hook);
  const title = hook.padEnd(WIDTH);
  const [call] = own;
  if (call === undefined) return [`${title}is not called`];
  const time = ` (${(call.seconds * 1000).toFixed(1)} ms)`;
  if (own.some(({ failed }) => failed)) return [`${title}fails${time}`];
  const [first = "", ...others] = wordsOf(report);
  return [title + first + time, ...others.map((line) => INDENT + line)];
}

function requestWords({ asked, sent }: TrialReport): readonly string[] {
  if (sent === undefined) return ["answers the request itself"];
  const changes = changesOf(asked, sent);
  return changes.length === 0
    ? ["leaves the request as it is"]
    : ["changes the request", ...changes];
}

function connectWords({ way, failure }: TrialReport): readonly string[] {
  if (failure?.code === "refused") return ["refuses the connection"];
  if (way === undefined) return ["is asked"];
  const [target, leadsTo] = [way.target, way.leadsTo].map(formatAddress);
  return target === leadsTo
    ? [`leaves the connection to ${target} as it is`]
    : [`lets the connection to ${target} lead to ${leadsTo}`];
}

function resolveWords({ way }: TrialReport): readonly string[] {
  if (way === undefined) return ["is asked"];
  const { leadsTo: { hostname }, addresses } = way;
  return addresses === undefined
    ? [`does not know ${hostname}: others are asked`]
    : [`gives ${hostname} the addresses ${addresses.join(", ")}`];
}

function responseWords(
  { sent, sample, answer }: TrialReport,
): readonly string[] {
  if (answer === undefined) return ["is asked"];
  if (sent === undefined) return ["sees the plugin's own answer"];
  const changes = changesOf(sample, answer);
  return changes.length === 0
    ? ["leaves the answer as it is"]
    : ["changes the answer", ...changes];
}

function changesOf(before: Told, after: Told): readonly string[] {
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

/** The answer as the browser gets it. */
function answerLines({ answer, sent }: TrialReport): readonly string[] {
  if (answer === undefined) return [];
  const { start, lines, content } = answer;
  const text = content.trimEnd().split(/\r?\n/);
  const more = text.length - MAX_LINES;
  return [
    sent === undefined
      ? "The browser gets, from the plugin alone:"
      : "The browser gets, if the site answers with the sample page:",
    "",
    ...[start, ...lines, "", ...text.slice(0, MAX_LINES)].map((line) =>
      `  ${line}`.trimEnd()
    ),
    ...more > 0 ? [`  (${more} more lines)`] : [],
  ];
}
