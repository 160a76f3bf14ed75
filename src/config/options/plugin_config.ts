// The client's options about plugins.
import {
  formatPermissions,
  parsePermissions,
} from "../../plugin/api/permissions.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import { codec, many, table, text } from "../values/values.ts";

const field = fieldsIn("Plugins");

/** Which plugins a client loads, with their permissions and options. */
export const PLUGIN_FIELDS = {
  pluginDir: field(text().optional(), {
    placeholder: "path|none",
    defaultText: "plugins, if this folder exists here",
    summary: "Folder of plugins",
    help: "Folder of plugins: TypeScript or JavaScript files that change " +
      "requests and responses. They run in the order of their names. A " +
      "changed file is reloaded.",
  }),
  plugin: field(many(text()), {
    placeholder: "path,...",
    summary: "Plugins to run after those of the folder",
    help: "Single plugin files. They run after those of the folder.",
  }),
  pluginPermissions: field(many(codec(parsePermissions, formatPermissions)), {
    placeholder: "permissions",
    noSplit: true,
    defaultText: "none",
    summary: "Permissions of plugins, such as net=host:port",
    help: "What plugins may access: none, trusted, or net, read and env, as " +
      "in net=10.0.0.53:53;read=/etc/hosts. A name such as pin_dns: before it " +
      "limits it to that plugin. Repeat the option for other plugins. Trusted " +
      "plugins run in the client's own process with all its permissions.",
  }),
  plugins: field(table().optional(), {
    placeholder: "json",
    secret: "all",
    summary: "Options of plugins; best in the file",
    help: "Options of plugins by plugin name. Best in the configuration " +
      "file: plugins: {pin_dns: {shop.test: [10.1.2.3]}}.",
  }),
};

/** Which plugins a client loads, with their permissions and options. */
export type PluginConfig = ConfigOf<typeof PLUGIN_FIELDS>;
