/**
 * What plugins change about an exchange.
 *
 * @module
 */
import type {
  EditWatch,
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";

/** One thing that is different afterwards. */
export type Change =
  | {
    readonly kind: "method" | "url" | "status";
    readonly before: string;
    readonly after: string;
  }
  | {
    readonly kind: "field";
    readonly name: string;
    /** `undefined` when it was added. */
    readonly before: string | undefined;
    /** `undefined` when it was removed. */
    readonly after: string | undefined;
  }
  | { readonly kind: "content" }
  | { readonly kind: "contentKept"; readonly reason: string }
  | { readonly kind: "answer"; readonly status: number };

/** What one hook of a plugin has changed. */
export interface PluginEdit {
  readonly plugin: string;
  readonly hook: "request" | "response";
  /** At least one. */
  readonly changes: readonly Change[];
}

type Request = PlainRequest | UpgradeRequest;

/** Writes edits down as they happen. */
export class EditRecorder implements EditWatch {
  readonly #onEdit: (edit: PluginEdit) => void;
  #kept: { readonly editor: string; readonly reason: string } | undefined;

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
        { kind: "answer", status: after.status },
      ]);
    }
    this.#add(editor, "request", [
      ...changed("method", before.method, after.method),
      ...changed("url", urlOf(before), urlOf(after)),
      ...changedFields(before.fields, after.fields),
      ...this.#content(editor, bodyOf(before) !== bodyOf(after)),
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
      ...this.#content(editor, before.body !== after.body),
    ]);
  }

  contentKept(editor: string, reason: string): void {
    this.#kept = { editor, reason };
  }

  /** Another body object is other content, unless it was said that it is not. */
  #content(editor: string, isOther: boolean): readonly Change[] {
    const kept = this.#kept?.editor === editor ? this.#kept : undefined;
    this.#kept = undefined;
    if (kept !== undefined) {
      return [{ kind: "contentKept", reason: kept.reason }];
    }
    return isOther ? [{ kind: "content" }] : [];
  }

  #add(
    plugin: string,
    hook: PluginEdit["hook"],
    changes: readonly Change[],
  ): void {
    if (changes.length > 0) this.#onEdit({ plugin, hook, changes });
  }
}

/** Characters of an edit, which is what it costs to keep. */
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

function urlOf({ scheme, authority, path }: Request): string {
  return `${scheme}://${authority}${path}`;
}

function bodyOf(request: Request): PlainRequest["body"] {
  return request.kind === "request" ? request.body : undefined;
}
