/*
 * Finds the message of an error and its location in a plugin's file.
 *
 * The location is in the message when the runtime could not parse the file, and
 * in the stack when code of the plugin threw. It may also be missing.
 */
import { stripVTControlCharacters } from "node:util";
import { visible } from "../../log/visible.ts";
import { messagesOf } from "./error_causes.ts";
import { explainPermission } from "../api/permissions.ts";

/** `file://…/x.ts?v=2:3:39`, in a message or on a stack line. */
const POSITION = /file:\/\/\S*?\/([^/\s?]+?)(?:\?v=\d+)?:(\d+):(\d+)/;

/** The URL of a module that a worker imports from memory. */
const BLOB = /blob:null\/[\da-f-]+/g;

/** Longest message in characters: a few sentences. */
const MAX_MESSAGE = 1_000;

/** Where the code of a plugin was imported from. */
export interface Origin {
  /** The plugin's own `file:` URL. Files that it imports are found beside it. */
  readonly url: string;
  /** Its name in permission rules, and its own name if it has no other. */
  readonly rule: string;
  /** `file:` URLs of modules in memory, by their `blob:` URLs. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The program's own code. It may be inside the folder of a plugin. */
const OWN_FOLDER = new URL("../..", import.meta.url).href;

/** What messages say about an error. */
export interface ErrorReport {
  /** One line. */
  readonly message: string;
  /** `pin_dns.ts:3:39`: file, line and column, if they are known. */
  readonly location: string | undefined;
}

/** Describes anything that code of a plugin has thrown. */
export function errorReportOf(
  thrown: unknown,
  { url, files = {}, rule }: Origin,
): ErrorReport {
  if (!(thrown instanceof Error)) {
    return { message: firstLine(String(thrown)), location: undefined };
  }
  const named = (text: string): string =>
    stripVTControlCharacters(text).replace(BLOB, (blob) => files[blob] ?? blob);
  const text = named(thrown.message);
  const folder = url.slice(0, url.lastIndexOf("/") + 1);
  const explained = (message: string): string =>
    explainPermission(
      firstLine(named(message)).replace(/^SyntaxError: /, ""),
      rule,
    );
  return {
    message: messagesOf(thrown).map(explained).join(": "),
    location: locationIn(text, folder) ??
      locationIn(named(thrown.stack ?? ""), folder),
  };
}

/** `message (location)`. */
export function formatErrorReport({ message, location }: ErrorReport): string {
  return location === undefined ? message : `${message} (${location})`;
}

function locationIn(text: string, folder: string): string | undefined {
  for (const line of text.split("\n")) {
    if (!line.includes(folder) || line.includes(OWN_FOLDER)) continue;
    const found = POSITION.exec(line);
    if (found !== null) return `${found[1]}:${found[2]}:${found[3]}`;
  }
  return undefined;
}

function firstLine(text: string): string {
  const line = stripVTControlCharacters(text).split("\n", 1)[0]?.trim();
  if (line === undefined || line === "") return "no reason given";
  // An error text cannot control the terminal of its reader.
  return visible(shorten(line.slice(0, MAX_MESSAGE)));
}

/** Module errors repeat whole URLs. The name of the file is enough. */
function shorten(line: string): string {
  return line.replace(/file:\/\/\S*\/([^/\s"?]+)(?:\?v=\d+)?/g, "$1")
    .replace(/ at [^ ]+:\d+:\d+$/, "")
    .replace(/\.$/, "");
}
