/**
 * Where in a plugin's file something went wrong.
 *
 * The runtime says it in three ways: in the message of an error that it could
 * not read the file, in the stack of an error thrown by its code, or not at all.
 *
 * @module
 */
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { visible } from "../../log/visible.ts";
import { explainPermission } from "../api/permissions.ts";

/** `file://…/x.ts?v=2:3:39`, in a message or on a line of a stack. */
const POSITION = /file:\/\/[^\s()]*?\/([^/\s()?]+)(?:\?v=\d+)?:(\d+):(\d+)/;

/** What a worker imports: texts in memory. */
const BLOB = /blob:null\/[\da-f-]+/g;

/** Where the code of a plugin comes from. */
export interface Origin {
  /** The plugin's own `file:` URL: files that it imports count as well. */
  readonly url: string;
  /** `file:` URLs of what is in memory, by the URLs that it has there. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The program's own code, which may lie below the folder of a plugin. */
const OWN_FOLDER = new URL("../..", import.meta.url).href;

/** What is told of an error: its message, and where it comes from. */
export interface ErrorReport {
  /** One line. */
  readonly message: string;
  /** `pin_dns.ts:3:39`: file, line and column, as far as they are known. */
  readonly location: string | undefined;
}

/** Reads anything that was thrown by code from there. */
export function errorReportOf(
  thrown: unknown,
  { url, files = {} }: Origin,
): ErrorReport {
  if (!(thrown instanceof Error)) {
    return { message: firstLine(String(thrown)), location: undefined };
  }
  const named = (text: string): string =>
    stripVTControlCharacters(text).replace(BLOB, (blob) => files[blob] ?? blob);
  const text = named(thrown.message);
  const folder = url.slice(0, url.lastIndexOf("/") + 1);
  return {
    message: explainPermission(
      firstLine(text).replace(/^SyntaxError: /, ""),
      fileName(url).replace(/\.\w+$/, ""),
    ),
    location: locationIn(text, folder) ??
      locationIn(named(thrown.stack ?? ""), folder),
  };
}

/** `message (location)`. */
export function formatErrorReport({ message, location }: ErrorReport): string {
  return location === undefined ? message : `${message} (${location})`;
}

/** A file as people know it: without the folders that lead to it. */
export function fileName(url: string): string {
  return basename(new URL(url).pathname);
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
  // Nothing that a plugin throws moves the cursor of who reads it.
  return visible(shorten(line));
}

/** Module errors repeat whole URLs: the file's name says as much. */
function shorten(line: string): string {
  return line.replace(/file:\/\/\S*\/([^/\s"?]+)(?:\?v=\d+)?/g, "$1")
    .replace(/ at [^ ]+:\d+:\d+$/, "")
    .replace(/\.$/, "");
}
