// The client's options about plugins.
import {
  formatPermissions,
  parsePermissions,
} from "../../plugin/api/permissions.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import { listedPlugin } from "../values/plugin_use.ts";
import { codec, duration, many, onOff, text } from "../values/values.ts";

const field = fieldsIn("Plugins");

/** Which plugins a client loads, with their permissions and options. */
export const PLUGIN_FIELDS = {
  plugins: field(many(listedPlugin()), {
    placeholder: "path|json",
    noSplit: true,
    hasTables: true,
    expectedInFile: "a list such as plugins: [{ use: ./pin_dns.ts, " +
      "options: { shop.test: [10.1.2.3] } }]",
    secret: "all",
    summary: "List of plugins; best in the file",
    help:
      "The plugins, in the order of their hooks: paths, or tables of use, " +
      "name, match, options, allow, timeout and on-failure. Best in the " +
      "configuration file, as a list of entries such as ./first.ts or " +
      "{ use: ./slow.ts, on-failure: skip }.",
  }),
  pluginDir: field(text().optional(), {
    placeholder: "path|none",
    defaultText: "plugins, if this folder exists here",
    summary: "Folder of plugins, before those of the list",
    help: "Folder of plugins: TypeScript or JavaScript files that change " +
      "requests and responses. They run in the order of their names, before " +
      "the list. A file that the list names is not loaded twice. A changed " +
      "file is reloaded.",
  }),
  plugin: field(many(text()), {
    placeholder: "path,...",
    summary: "Plugins to run after those of the list",
    help: "Single plugin files. They run after those of the folder and of " +
      "the list.",
  }),
  pluginPermissions: field(many(codec(parsePermissions, formatPermissions)), {
    placeholder: "permissions",
    noSplit: true,
    defaultText: "none",
    summary: "Permissions of plugins, such as net=host:port",
    help: "What plugins without allow may access: none, trusted, or net, " +
      "read, write and env, as in net=10.0.0.53:53;read=/etc/hosts. A name " +
      "such as pin_dns: before it limits it to that plugin. Repeat the option " +
      "for other plugins. Trusted plugins run in the client's own process " +
      "with all its permissions.",
  }),
  allowNpmPlugins: field(onOff(), {
    summary: "Let installed npm packages be plugins",
    help:
      "Lets the list name packages such as npm:@lab/mocks@1.2.0. They must " +
      "be installed in node_modules, or in Deno's own folder: nothing is " +
      "downloaded. They are found when the client starts.",
  }),
  pluginTimeout: field(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .default(5_000),
    {
      placeholder: "duration",
      summary: "How long a hook of a plugin may take",
      help: "How long one call of a hook may take. A plugin of the list may " +
        "have another timeout.",
    },
  ),
};

/** Which plugins a client loads, with their permissions and options. */
export type PluginConfig = ConfigOf<typeof PLUGIN_FIELDS>;
