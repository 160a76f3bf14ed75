/**
 * A plugin to start from, written to a file.
 *
 * @module
 */
import { join } from "node:path";
import { ConfigError } from "../../config/errors.ts";

/** What a plugin may be called; other names would make odd files. */
const NAME = /^[a-z][\w-]{0,63}$/i;

/**
 * Writes the starter to `<folder>/<name>.ts`, and makes the folder.
 *
 * @returns The path.
 * @throws {ConfigError} When the name is none, the file is there, or cannot be written.
 */
export async function writeStarter(
  name: string,
  folder: string,
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
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(path, STARTER, { createNew: true });
    return path;
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists
      ? "it is there already, choose another name"
      : "the folder cannot be written to, choose another with --plugin-dir";
    throw new ConfigError("badFile", `Cannot write "${path}": ${reason}`, {
      cause,
    });
  }
}

/** All hooks with what they may return; those that are not needed go. */
const STARTER = `/** Changes requests on their way through the tunnel. */

// For your editor; the program does without it.
import type { Plugin } from "@sallyport/sallyport";

export default {
  // Every request that can be read. Return changes, a Response that answers at
  // once, or nothing to leave it as it is.
  request({ method, url }, { log }) {
    if (url.hostname !== "shop.example") return;
    log.debug("seen", { method, path: url.pathname });
    // if (url.pathname === "/users") return Response.json([{ name: "Ada" }]);
    return {
      // url: new URL(url.pathname + url.search, "http://staging.example:8080"),
      headers: { "X-Tested-By": "sallyport" },
    };
  },

  // Every answer. Content is read only if you ask for it.
  // response({ status, headers }, { url }) {
  //   if (!headers.get("content-type")?.startsWith("text/html")) return;
  //   return { body: { text: (html) => html.replaceAll("Shop", "Test shop") } };
  // },

  // The addresses of a name; nothing to let others answer.
  // resolve(hostname) {
  //   if (hostname === "shop.example") return ["10.1.2.3"];
  // },

  // Where a connection leads: elsewhere, nowhere, or where it was to lead.
  // connect({ hostname, port }) {
  //   if (hostname.endsWith(".ads.example")) return { refuse: "no ads" };
  // },
} satisfies Plugin;
`;
