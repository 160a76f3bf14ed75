/* How errors get from the program to a worker, and back. */
import { visible } from "../../log/visible.ts";
import {
  type OptionIssue,
  PluginError,
  type PluginErrorCode,
} from "../api/errors.ts";
import { readIssues } from "../loading/check_options.ts";
import { type CallName, HOOKS } from "../api/hook_names.ts";

/** A `PluginError` as data. Its cause stays where it is. */
export interface ErrorData {
  readonly code: PluginErrorCode;
  readonly message: string;
  readonly plugin: string;
  readonly hook: CallName | undefined;
  readonly location: string | undefined;
  readonly issues?: readonly OptionIssue[] | undefined;
}

/** An error as data. */
export function toErrorData(thrown: unknown, plugin: string): ErrorData {
  if (thrown instanceof PluginError) {
    const { code, message, plugin, hook, location, issues } = thrown;
    return { code, message, plugin, hook, location, issues };
  }
  const message = `Cannot run plugin "${plugin}": ${visible(String(thrown))}`;
  const unknown = { hook: undefined, location: undefined };
  return { code: "threw", message, plugin, ...unknown };
}

/** Characters of a message: room for a list of options that are wrong. */
const MAX_MESSAGE = 4_096;

/**
 * The error that it was. The plugin may have got hold of the other end, so
 * nothing is taken for granted.
 */
export function fromErrorData(data: ErrorData): PluginError {
  const { code, message, plugin, hook, location } = data;
  return new PluginError(
    CODES.includes(code) ? code : "threw",
    textOf(message) ?? "Cannot run a plugin",
    {
      plugin: textOf(plugin) ?? "",
      hook: CALLS.find((each) => each === hook),
      location: textOf(location),
      issues: readIssues(data.issues),
    },
  );
}

/** What a worker may report. The others are found by the program itself. */
const CODES: readonly PluginErrorCode[] = [
  "notLoaded",
  "badOptions",
  "threw",
  "badResult",
  "noRoom",
];

const CALLS: readonly CallName[] = [...HOOKS, "dispose"];

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, MAX_MESSAGE) : undefined;
}
