/** A recipe of the cookbook in a whole tunnel. @module */
import { fileURLToPath } from "node:url";
import type { ClientOptions } from "../../../src/client/options.ts";
import { parsePermissions } from "../../../src/plugin/api/permissions.ts";
import {
  type PluginSystem,
  startPluginSystem,
} from "../../system/plugin_system.ts";

/** What a recipe runs with. */
export interface RecipeOptions {
  /** What the configuration has as its options. */
  readonly options?: unknown;
  /** As in `--plugin-permissions`, without the name. Default: none. */
  readonly permissions?: string;
  readonly client?: Partial<ClientOptions>;
  /** Certificates in PEM that the client trusts besides the server's CA. */
  readonly trusted?: readonly string[];
}

/** Starts a tunnel whose client has one recipe, in its sandbox. */
export async function startRecipe(
  name: string,
  { options = {}, permissions = "none", client = {}, trusted = [] }:
    RecipeOptions = {},
): Promise<PluginSystem> {
  const file = new URL(
    `../../../plugins/cookbook/${name}.ts`,
    import.meta.url,
  );
  return await startPluginSystem({}, {
    plugins: {
      directories: [],
      plugins: [{ use: fileURLToPath(file), options }],
      permissions: [parsePermissions(permissions)],
    },
    client,
    trusted,
  });
}
