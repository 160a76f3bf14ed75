/**
 * What plugins have changed, in words, without secrets.
 *
 * @module
 */
import { hideInField, hideInUrl } from "../../log/http_message.ts";
import type { Change, PluginEdit } from "../record/plugin_edits.ts";

/** A line for each change. */
export function editLines({ changes }: PluginEdit): readonly string[] {
  return changes.map(lineOf);
}

function lineOf(change: Change): string {
  switch (change.kind) {
    case "answer":
      return `answered by itself with ${change.status}`;
    case "content":
      return "content changed";
    case "contentKept":
      return `content left as it was: ${change.reason}`;
    case "field":
      return fieldLine(change);
    default:
      return `${NAMES[change.kind]} ${hideInUrl(change.before)} → ` +
        hideInUrl(change.after);
  }
}

const NAMES = { method: "method", url: "URL", status: "status" } as const;

function fieldLine(
  { name, before, after }: Extract<Change, { readonly kind: "field" }>,
): string {
  if (before === undefined) return `+ ${name}: ${shown(name, after)}`;
  if (after === undefined) return `− ${name}: ${shown(name, before)}`;
  return `${name}: ${shown(name, before)} → ${shown(name, after)}`;
}

function shown(name: string, value: string | undefined): string {
  return hideInField(name, value ?? "");
}
