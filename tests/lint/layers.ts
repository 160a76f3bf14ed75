/**
 * Lint rules: the direction of imports.
 *
 * - `down-only`: a file imports from its own folder or from a lower layer.
 * - `rooms-down-only`: the same between the inner folders of one folder.
 * - `product-only`: the product imports neither tests nor plugins. It may take
 *   the text of plugins.
 * - `no-cycle`: the files of one folder, inner folders included, do not import
 *   each other in a circle. Imports of types count.
 *
 * The tables are the architecture; `.github/ARCHITECTURE.md` explains them.
 */
import { folderOf, onImports, pathOf, roomOf } from "./imports.ts";

/** The folders of `src/`, lowest layer first; folders of one layer do not know each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ["platform"],
  ["async", "log", "metrics"],
  ["net"],
  ["http", "pac"],
  ["http1", "http2", "websocket"],
  ["http_server", "plugin"],
  ["tunnel", "proxy", "api", "config"],
  ["cluster", "store", "web"],
  ["inspector"],
  ["client", "server"],
  ["cli", "npm"],
];

/**
 * The inner folders of a folder, lowest row first. A row names inner folders
 * (`frames`) and files that lie beside them (`errors.ts`). A file imports from
 * its own inner folder and from lower rows; the names of one row do not know
 * each other. A folder that is listed here lists all it has.
 */
export const ROOMS: Readonly<
  Record<string, readonly (readonly string[])[]>
> = {
  api: [
    ["resources"],
    ["operations", "serving"],
    ["document"],
  ],
  cli: [
    ["launch"],
    ["context.ts", "exit_code.ts", "services.ts"],
    ["command.ts", "signals.ts"],
    [
      "config_warnings.ts",
      "help.ts",
      "open_log.ts",
      "run_service.ts",
      "table.ts",
    ],
    [
      "certificate",
      "completion",
      "detached",
      "legacy",
      "live",
      "plugin",
      "service",
    ],
    ["tunnel"],
    ["doctor"],
    ["commands", "local"],
    ["cli.ts"],
  ],
  client: [
    ["errors.ts", "host_options.ts", "tunnel_address.ts"],
    ["state.ts"],
    ["options.ts", "tunnel_info.ts"],
    ["ca_certificates.ts", "tunnel_request.ts", "rest", "sessions"],
    ["read_pac.ts"],
    ["status"],
    ["proxy"],
    ["jobs.ts", "start_error.ts"],
    ["controller.ts", "configured.ts"],
    ["client.ts"],
    ["program"],
    ["trial"],
  ],
  config: [
    [
      "build.json",
      "default_connections.ts",
      "errors.ts",
      "exposed_paths.ts",
      "option_names.ts",
      "wrap.ts",
    ],
    ["access_lists.ts", "field.ts", "version.ts"],
    ["redact.ts", "sources"],
    [
      "container.ts",
      "data_dir.ts",
      "logins.ts",
      "running_tunnels.ts",
      "trusted_servers.ts",
      "values",
    ],
    ["options"],
    ["configz.ts", "load.ts", "misspelled_variables.ts"],
    ["login_values.ts"],
  ],
  http1: [
    ["errors.ts", "resettable_timer.ts"],
    ["parse"],
    ["write"],
    ["client", "server"],
  ],
  http2: [
    ["errors.ts", "hpack"],
    ["frames"],
    ["options.ts", "api.ts"],
    ["flow"],
    ["stream"],
    ["connection"],
    ["client.ts", "server.ts"],
  ],
  net: [
    ["dial_error.ts", "address", "stream"],
    ["domains", "listen", "names", "socks5"],
    ["tls"],
    ["dial"],
  ],
  proxy: [
    ["errors", "upstream", "insecure_hosts.ts"],
    ["origin.ts", "local_rules.ts"],
    [
      "add_via.ts",
      "count_senders.ts",
      "deny_domains.ts",
      "log_exchanges.ts",
      "max_forwards.ts",
      "rewrite_headers.ts",
      "time_window.ts",
      "trace_exchanges.ts",
    ],
    ["routes.ts", "sites"],
    ["round_trip.ts", "throttle.ts"],
    ["forwarder.ts"],
  ],
  web: [
    ["icon.svg", "layout.ts", "page.css"],
    ["format.ts"],
    ["components", "live", "security"],
    ["assets.ts", "error_page.ts"],
  ],
  inspector: [
    ["record"],
    ["har", "replay"],
    ["pages"],
    ["inspector.ts"],
  ],
  pac: [
    ["errors.ts", "pac_functions.js", "pac_result.ts"],
    ["pac_engine.ts"],
    ["pac_worker.ts"],
    ["pac_link.ts"],
    ["pac_script.ts"],
  ],
  plugin: [
    ["api"],
    ["results"],
    ["loading"],
    ["running"],
    ["worker"],
    ["host"],
  ],
  server: [
    ["tls"],
    ["acme"],
    ["accounts"],
    ["tunnels"],
    ["interception"],
    ["proxy"],
    ["ports"],
    ["rest"],
    ["web"],
    ["options.ts", "startup_warnings.ts", "web_app.ts"],
    ["acme_certificate.ts", "server_metrics.ts"],
    ["browser_ports.ts"],
    ["listeners.ts", "server_certificates.ts", "trusted_proxies.ts"],
    ["server_health.ts"],
    ["server.ts"],
  ],
  store: [
    [
      "data_directory.ts",
      "migrations.ts",
      "storage_health.ts",
      "stored_tunnel.ts",
    ],
    ["database.ts", "sql.ts"],
    ["backup.ts", "sqlite_mirror.ts"],
    ["sqlite.ts"],
  ],
  websocket: [
    ["errors.ts", "handshake.ts"],
    ["extensions.ts"],
    ["deflate", "frames"],
    ["messages"],
    ["message_stream.ts", "relay.ts", "silent_site.ts"],
  ],
};

/** `import … from "./x.ts"` and `export … from "./x.ts"`. */
const IMPORT =
  /^(?:import|export)\s(?:type\s)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+\.ts)"/gm;

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

function downOnly(from: string, to: string): string | undefined {
  for (const folder of [from, to]) {
    if (layerOf(folder) < 0) return `"${folder}" has no layer`;
  }
  if (to === from || layerOf(to) < layerOf(from)) return undefined;
  return `"${from}" may not import "${to}"`;
}

/** Why a file in `from` may not import one in `to`, inside `folder`. */
function roomsDownOnly(
  folder: string,
  from: string,
  to: string,
): string | undefined {
  const rows = ROOMS[folder];
  if (rows === undefined) return undefined;
  const rowOf = (room: string) => rows.findIndex((row) => row.includes(room));
  for (const room of [from, to]) {
    if (rowOf(room) < 0) return `"${room}" has no row in "${folder}"`;
  }
  if (to === from || rowOf(to) < rowOf(from)) return undefined;
  return `"${folder}/${from}" may not import "${folder}/${to}"`;
}

/** The files that `file` imports and that lie in its own folder. */
function neighboursOf(file: string): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(new URL(`file://${file}`));
  } catch (error) {
    // An import of a file that is not there is the type checker's to report.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return Array.from(text.matchAll(IMPORT))
    .map(([, path = ""]) => new URL(path, `file://${file}`).pathname)
    .filter((target) => folderOf(target) === folderOf(file));
}

/** Whether `to` can be reached from `from` by following imports. */
function reaches(from: string, to: string): boolean {
  const seen = new Set<string>();
  const waiting = [from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (file === to) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    waiting.push(...neighboursOf(file));
  }
  return false;
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "down-only": {
      create: (context) =>
        onImports(context, (node, { target }) => {
          const from = folderOf(pathOf(context));
          const to = target && folderOf(target);
          if (from === undefined || to === undefined) return;
          const message = downOnly(from, to);
          if (message === undefined) return;
          context.report({
            node,
            message,
            hint: "Pass it in, or move the shared part down a layer.",
          });
        }),
    },
    "rooms-down-only": {
      create: (context) =>
        onImports(context, (node, { target }) => {
          const folder = folderOf(pathOf(context));
          if (folder === undefined || !target) return;
          if (folderOf(target) !== folder) return;
          const message = roomsDownOnly(
            folder,
            roomOf(pathOf(context)),
            roomOf(target),
          );
          if (message === undefined) return;
          context.report({
            node,
            message,
            hint: "Pass it in, or move the shared part down a row.",
          });
        }),
    },
    "product-only": {
      create: (context) =>
        onImports(context, (node, { target, isText }) => {
          if (!/\/(src\/.+|main|mod)\.ts$/.test(pathOf(context))) return;
          const outside = target && /\/(tests|plugins)\//.exec(target)?.[1];
          if (!outside || target.includes("/src/")) return;
          if (isText && outside === "plugins") return;
          context.report({
            node,
            message: `The product may not import "${outside}/"`,
            hint: "What both need belongs in src/.",
          });
        }),
    },
    "no-cycle": {
      create: (context) =>
        onImports(context, (node, { target }) => {
          const folder = folderOf(pathOf(context));
          if (folder === undefined || !target) return;
          if (folderOf(target) !== folder) return;
          if (!reaches(target, pathOf(context))) return;
          context.report({
            node,
            message: "This import leads back to the file it stands in",
            hint: "Find what both need and give it a file of its own.",
          });
        }),
    },
  },
};

export default plugin;
