/**
 * The options that say which plugins a client has, and what they may do.
 *
 * @module
 */
import * as z from "zod";

import {
  formatPermissions,
  parsePermissions,
  type PermissionRule,
} from "../../plugin/api/permissions.ts";
import { field, type Fields } from "../field.ts";
import { many, type One, refuse, table, text } from "../values/values.ts";

/** Which plugins, and what they run with. */
export interface PluginConfig {
  /** A folder, or `none`; the usual one when it is not set. */
  readonly pluginDir: string | undefined;
  /** Paths. */
  readonly plugin: readonly string[];
  readonly pluginPermissions: readonly PermissionRule[];
  /** Options of plugins, by name. */
  readonly plugins: Readonly<Record<string, unknown>> | undefined;
}

const section = "Plugins";

/** Declares the options of `PluginConfig`. */
export const PLUGIN_FIELDS: Fields<PluginConfig> = {
  pluginDir: field(text().optional(), {
    section,
    placeholder: "path|none",
    defaultText: "plugins, if there is such a folder here",
    help: "Folder of plugins: TypeScript or JavaScript files that change " +
      "requests and answers, in the order of their names. A file that " +
      "changes is loaded again.",
  }),
  plugin: field(many(text()), {
    section,
    placeholder: "path,...",
    help: "Single plugins, which come after those of the folder.",
  }),
  pluginPermissions: field(many(permissionRule()), {
    section,
    placeholder: "[plugin:]permissions",
    isWhole: true,
    defaultText: "none",
    help: "What plugins may do besides changing what passes: none, trusted, " +
      "or net, read and env, as in net=10.0.0.53:53;read=/etc/hosts. With " +
      "pin_dns: before it, it is for that plugin alone. Repeat it for others. " +
      "Trusted plugins run in the client itself and may do what it may.",
  }),
  plugins: field(table().optional(), {
    section,
    placeholder: "json",
    secret: "all",
    help: "Options of plugins by their names, best in the configuration " +
      "file: plugins: {pin_dns: {shop.test: [10.1.2.3]}}.",
  }),
};

function permissionRule(): One<PermissionRule> {
  return z.codec(z.string(), z.custom<PermissionRule>(), {
    decode: (words, context) => {
      try {
        return parsePermissions(words);
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        const reason = cause.message.replace(/^Cannot read ".*": /, "");
        return refuse(context, words, reason);
      }
    },
    encode: formatPermissions,
  });
}
