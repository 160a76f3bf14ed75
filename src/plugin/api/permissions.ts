/*
 * What a plugin may do besides changing requests and responses.
 *
 * By default, each plugin runs in a worker of its own that reaches neither the
 * network nor files nor the environment. `import_rule.ts` says what it may
 * import, `worker_realm.ts` what is removed from it. It shares the process: a
 * plugin that uses up the memory ends the program. Run only plugins that you
 * have read.
 */
import type { PluginAllowance } from "./plugin_use.ts";

/** `trusted` plugins run in the program itself, with all its permissions. */
export type PluginPermissions = "trusted" | SandboxPermissions;

/** What a plugin in a worker may do. */
export interface SandboxPermissions {
  /** Hosts, with or without a port: `api.test:443`; `true` for all. */
  readonly net: readonly string[] | boolean;
  /** Files and folders to read; `true` for all. */
  readonly read: readonly string[] | boolean;
  /** Files and folders to write; `true` for all. */
  readonly write: readonly string[] | boolean;
  /** Names of environment variables; `true` for all that the program may read. */
  readonly env: readonly string[] | boolean;
}

/** A plugin may only load its own files. */
export const NO_PERMISSIONS: SandboxPermissions = {
  net: false,
  read: false,
  write: false,
  env: false,
};

/** The kinds of permissions that a plugin in a worker can have. */
export const PERMISSION_KINDS = ["net", "read", "write", "env"] as const;

/** Permissions of one plugin, or of all. */
export interface PermissionRule {
  /** The name that the configuration gives it, or its file name without extension; `undefined` for all plugins. */
  readonly plugin: string | undefined;
  /** What the plugin may do. */
  readonly permissions: PluginPermissions;
}

/**
 * Parses `[plugin:]permissions`: `none`, `trusted`, or a list of permissions
 * separated by semicolons:
 *
 * ```ts
 * import { parsePermissions } from "./permissions.ts";
 *
 * parsePermissions("trusted");
 * parsePermissions("pin_dns:net=dns.test:53,10.0.0.1;read=/etc/hosts");
 * parsePermissions("slow_requests:net;env=HOME");
 * ```
 *
 * @throws {SyntaxError} With the reason, when the text is invalid.
 */
export function parsePermissions(text: string): PermissionRule {
  const [, plugin, rest = ""] = /^(?:([\w-]+):)?(.*)$/s.exec(text) ?? [];
  return { plugin, permissions: parseList(rest, text) };
}

/** Formats a rule as `parsePermissions()` parses it. */
export function formatPermissions(
  { plugin, permissions }: PermissionRule,
): string {
  const prefix = plugin === undefined ? "" : `${plugin}:`;
  if (permissions === "trusted") return `${prefix}trusted`;
  const parts = PERMISSION_KINDS.flatMap((kind) => {
    const granted = permissions[kind];
    if (granted === false) return [];
    return granted === true ? [kind] : [`${kind}=${granted.join(",")}`];
  });
  return prefix + (parts.length === 0 ? "none" : parts.join(";"));
}

/** What an entry of the list of plugins allows. */
export function permissionsFrom(
  allow: "trusted" | PluginAllowance,
): PluginPermissions {
  if (allow === "trusted") return allow;
  const { net = false, read = false, write = false, env = false } = allow;
  return { net, read, write, env };
}

/** The permissions of a plugin. Rules that name it come before rules for all; the last one applies. */
export function permissionsOf(
  plugin: string,
  rules: readonly PermissionRule[],
): PluginPermissions {
  const rule = rules.findLast((each) => each.plugin === plugin) ??
    rules.findLast((each) => each.plugin === undefined);
  return rule?.permissions ?? NO_PERMISSIONS;
}

const MISSING = /^Requires (\w+) access(?: to "(.*)")?, run again with .*$/;

/**
 * Adds to an error which option would allow the operation. The runtime's own
 * message names flags of Deno. Other messages stay as they are.
 */
export function explainPermission(message: string, plugin: string): string {
  return message.replace(MISSING, (_, kind: string, target?: string) => {
    const to = target === undefined ? "" : ` to "${target}"`;
    const value = target === undefined ? "" : `=${target}`;
    const isGiven = PERMISSION_KINDS.some((each) => each === kind);
    return `it has no ${kind} access${to}, ` +
      (isGiven
        ? `allow it with --plugin-permissions "${plugin}:${kind}${value}"`
        : "which plugins cannot have");
  });
}

function parseList(list: string, text: string): PluginPermissions {
  if (list === "trusted") return "trusted";
  if (list === "none") return NO_PERMISSIONS;
  return list.split(";").reduce<SandboxPermissions>((before, part) => {
    const [kind = "", values] = splitOnce(part, "=");
    if (!PERMISSION_KINDS.some((each) => each === kind)) {
      throw new SyntaxError(
        `Cannot read "${text}": unknown permission "${kind}", ` +
          "use none, trusted, net, read, write or env",
      );
    }
    const value = values === undefined ? true : valuesOf(values, text);
    return { ...before, [kind]: value };
  }, NO_PERMISSIONS);
}

function valuesOf(values: string, text: string): readonly string[] {
  const list = values.split(",").map((value) => value.trim());
  if (!list.includes("")) return list;
  throw new SyntaxError(
    `Cannot read "${text}": a value is empty, separate values with one comma`,
  );
}

function splitOnce(
  text: string,
  separator: string,
): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  if (at < 0) return [text, undefined];
  return [text.slice(0, at), text.slice(at + separator.length)];
}
