import { join } from "node:path";
import { ConfigError } from "../../config/errors.ts";
import {
  type EditorFile,
  PLATFORM_FILE,
  PROJECT_FILES,
} from "./editor_files.ts";
import { pluginTypes, TYPES_FILE } from "./plugin_types.ts";
import { type RecipeName, recipeText } from "./recipes.ts";

/** Valid names of new plugins; other names are awkward as file names. */
const NAME = /^[a-z][\w-]{0,63}$/i;

/**
 * Writes a recipe, or the template of a plugin, to `<folder>/<name>.ts`. Beside it
 * go its types, and the settings with which editors, `tsc` and `deno check` find
 * them. Creates the folder. Settings that are there stay as they are.
 *
 * @returns The path.
 * @throws {ConfigError} If the name is invalid, or the file exists or cannot be written.
 */
export async function writePlugin(
  name: string,
  folder: string,
  recipe?: RecipeName,
): Promise<string> {
  const stem = name.replace(/\.ts$/, "");
  if (!NAME.test(stem)) {
    throw new ConfigError(
      "badValue",
      `Cannot name a plugin "${name}": expected a letter, then letters, ` +
        'digits, "_" and "-", 64 at most',
    );
  }
  const path = join(folder, `${stem}.ts`);
  const text = recipe === undefined ? TEMPLATE : recipeText(recipe, path);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(path, text, { createNew: true });
    // Those of an older version would not fit to this one.
    await Deno.writeTextFile(join(folder, TYPES_FILE), pluginTypes());
    await Deno.writeTextFile(
      join(folder, PLATFORM_FILE.name),
      PLATFORM_FILE.text,
    );
    for (const file of PROJECT_FILES) await writeOnce(folder, file);
    return path;
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists
      ? "it already exists, choose another name"
      : "the folder is not writable, choose another with --plugin-dir";
    throw new ConfigError("badFile", `Cannot write "${path}": ${reason}`, {
      cause,
    });
  }
}

async function writeOnce(
  folder: string,
  { name, text }: EditorFile,
): Promise<void> {
  try {
    await Deno.writeTextFile(join(folder, name), text, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** All hooks, with what they may do. */
const TEMPLATE = `/** Changes requests in the tunnel. */

// For your editor and for tsc; Sallyport ignores it.
import type { Plugin } from "sallyport";

export default {
  // Which requests the plugin gets. Without it, all.
  match: { host: "shop.example" },

  // Runs for every readable request. Change it in place, or return your own
  // Response.
  request({ method, url, headers }, { log }) {
    log.debug("seen", { method, path: url.pathname });
    headers.set("X-Tested-By", "sallyport");
    // url.host = "staging.example:8080";
    // if (url.pathname === "/users") return Response.json([{ name: "Ada" }]);
  },

  // Runs for every response. Its content is read only if you read it.
  // async response(response, { request }) {
  //   if (!response.headers.get("content-type")?.startsWith("text/html")) return;
  //   response.body = (await response.text()).replaceAll("Shop", "Test shop");
  // },

  // Runs for every message of a WebSocket, both ways. Return "drop" to drop it.
  // message(message) {
  //   if (message.from === "site") message.data = String(message.data).trim();
  // },

  // Returns the addresses of a name, or nothing to use DNS.
  // resolve(hostname) {
  //   if (hostname === "shop.example") return ["10.1.2.3"];
  // },

  // Leads a request elsewhere, by another proxy, or nowhere.
  // connect({ hostname }, { job }) {
  //   if (hostname.endsWith(".ads.example")) return { refuse: "no ads" };
  //   if (job === "from-germany") return { proxy: "http://proxy.example:3128" };
  // },
} satisfies Plugin;
`;
