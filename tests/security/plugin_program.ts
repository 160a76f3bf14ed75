/**
 * Server and client as two processes; the client runs one plugin, which comes
 * from somebody else.
 *
 * @module
 */
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { get, type Page } from "../testing/browser.ts";
import {
  type ClientProgram,
  type ServerProgram,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";

/** What may be different from a plugin without permissions. */
export interface PluginProgramOptions {
  /** Further files, by name: in the plugin's folder, or beside it with `../`. */
  readonly files?: Readonly<Record<string, string>>;
  /** As `--plugin-permissions` takes it. */
  readonly permissions?: string;
  /** Added to the client's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A tunnel whose client has the plugin. */
export interface PluginProgram extends AsyncDisposable {
  readonly server: ServerProgram;
  readonly client: ClientProgram;
  /** The path of a file, by the names of `files`. */
  path(name: string): string;
  /** Asks for `http://a.test` + `path`; what the plugin throws is in the page. */
  get(path: string): Promise<Page>;
}

/**
 * Starts everything. The plugin is `plugins/p.js`.
 *
 * @param plugin Its text; as a function it gets the server's data directory.
 * @throws When the client does not start; the message has what it said.
 */
export async function startPluginProgram(
  plugin: string | ((dataDir: string) => string),
  { files = {}, permissions = "none", env = {} }: PluginProgramOptions = {},
): Promise<PluginProgram> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram());
  const text = typeof plugin === "string" ? plugin : plugin(server.dataDir);
  const inFolder = Object.entries(files).map((
    [name, content],
  ) => [name.startsWith("../") ? name.slice(3) : `plugins/${name}`, content]);
  const folder = stack.use(
    await tempPlugins({
      ...Object.fromEntries(inFolder),
      "plugins/p.js": text,
    }),
  );
  const client = stack.use(
    await startClientProgram(server, {
      args: [
        `--plugin-dir=${folder.path("plugins")}`,
        `--plugin-permissions=${permissions}`,
      ],
      env,
    }),
  );
  const parts = stack.move();
  const { proxy } = server;
  return {
    server,
    client,
    path: (name) =>
      folder.path(name.startsWith("../") ? name.slice(3) : `plugins/${name}`),
    get: (path) => get(`http://a.test${path}`, proxy),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
