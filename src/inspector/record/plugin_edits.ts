/** Records what plugins change in an exchange, and describes it. */
import type {
  EditWatch,
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import { hideInField, hideInUrl } from "../../log/http_message.ts";

/** One change. */
export type Change =
  | {
    readonly kind: "method" | "url" | "status";
    readonly before: string;
    readonly after: string;
  }
  | {
    readonly kind: "field";
    readonly name: string;
    /** `undefined` when the field was added. */
    readonly before: string | undefined;
    /** `undefined` when the field was removed. */
    readonly after: string | undefined;
  }
  | { readonly kind: "body" }
  | { readonly kind: "response"; readonly status: number }
  | { readonly kind: "place"; readonly from: string; readonly to: string }
  | { readonly kind: "stopped"; readonly reason: string };

/** What one hook of a plugin did. */
export interface PluginEdit {
  readonly plugin: string;
  readonly hook: string;
  /** At least one. */
  readonly changes: readonly Change[];
}

type Request = PlainRequest | UpgradeRequest;

/** Compares what a hook receives with what it returns. */
export class EditRecorder implements EditWatch {
  readonly #onEdit: (edit: PluginEdit) => void;

  constructor(onEdit: (edit: PluginEdit) => void) {
    this.#onEdit = onEdit;
  }

  requestEdited(
    editor: string,
    before: Request,
    after: Request | PlainResponse,
  ): void {
    if (after.kind === "response") {
      return this.#add(editor, "request", [
        { kind: "response", status: after.status },
      ]);
    }
    this.#add(editor, "request", [
      ...changed("method", before.method, after.method),
      ...changed("url", urlOf(before), urlOf(after)),
      ...changedFields(before.fields, after.fields),
      ...bodyChange(bodyOf(before) !== bodyOf(after)),
    ]);
  }

  responseEdited(
    editor: string,
    before: PlainResponse,
    after: PlainResponse,
  ): void {
    this.#add(editor, "response", [
      ...changed("status", String(before.status), String(after.status)),
      ...changedFields(before.fields, after.fields),
      ...bodyChange(before.body !== after.body),
    ]);
  }

  redirected(editor: string, hook: string, from: string, to: string): void {
    if (from !== to) this.#add(editor, hook, [{ kind: "place", from, to }]);
  }

  stopped(editor: string, hook: string, reason: string): void {
    this.#add(editor, hook, [{ kind: "stopped", reason }]);
  }

  #add(
    plugin: string,
    hook: string,
    changes: readonly Change[],
  ): void {
    if (changes.length > 0) this.#onEdit({ plugin, hook, changes });
  }
}

/** Memory of an edit: its characters. */
export function sizeOfEdit({ plugin, changes }: PluginEdit): number {
  return changes.reduce(
    (sum, change) => sum + JSON.stringify(change).length,
    plugin.length,
  );
}

function changed(
  kind: "method" | "url" | "status",
  before: string,
  after: string,
): readonly Change[] {
  return before === after ? [] : [{ kind, before, after }];
}

function changedFields(before: Fields, after: Fields): readonly Change[] {
  const names = new Map<string, string>();
  for (const [name] of [...before, ...after]) {
    const lower = name.toLowerCase();
    if (!names.has(lower)) names.set(lower, name);
  }
  return Array.from(names.values(), (name): Change => ({
    kind: "field",
    name,
    before: before.getList(name),
    after: after.getList(name),
  })).filter((change) =>
    change.kind === "field" && change.before !== change.after
  );
}

/** A new body object is new content. */
function bodyChange(isOther: boolean): readonly Change[] {
  return isOther ? [{ kind: "body" }] : [];
}

function urlOf({ scheme, authority, path }: Request): string {
  return `${scheme}://${authority}${path}`;
}

function bodyOf(request: Request): PlainRequest["body"] {
  return request.kind === "request" ? request.body : undefined;
}

/** A line for each change, without secrets. */
export function describeEdit({ changes }: PluginEdit): readonly string[] {
  return changes.map(lineOf);
}

function lineOf(change: Change): string {
  switch (change.kind) {
    case "response":
      return `responded by itself with ${change.status}`;
    case "body":
      return "body changed";
    case "field":
      return fieldLine(change);
    case "place":
      return `${change.from} → ${change.to}`;
    case "stopped":
      return `stopped here: ${change.reason}`;
    default:
      return `${NAMES[change.kind]} ${hideInUrl(change.before)} → ` +
        hideInUrl(change.after);
  }
}

const NAMES = { method: "method", url: "URL", status: "status" } as const;

function fieldLine(
  { name, before, after }: Extract<Change, { readonly kind: "field" }>,
): string {
  if (before === undefined) return `+ ${name}: ${redacted(name, after)}`;
  if (after === undefined) return `− ${name}: ${redacted(name, before)}`;
  return `${name}: ${redacted(name, before)} → ${redacted(name, after)}`;
}

function redacted(name: string, value: string | undefined): string {
  return hideInField(name, value ?? "");
}
