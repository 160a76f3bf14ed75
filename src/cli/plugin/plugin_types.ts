// The types of plugins as one file that needs nothing else, made of the files in
// `src/plugin/api/`. `sallyport plugin new` writes it beside a new plugin, and
// `deno task types` beside the examples.
import context from "../../plugin/api/context.ts" with { type: "text" };
import match from "../../plugin/api/match.ts" with { type: "text" };
import messages from "../../plugin/api/messages.ts" with { type: "text" };
import plugin from "../../plugin/api/plugin.ts" with { type: "text" };
import socketMessage from "../../plugin/api/socket_message.ts" with {
  type: "text",
};

/** The name of the file. */
export const TYPES_FILE = "sallyport.d.ts";

/** An import of one of the files by another. */
const IMPORT = /^import type [^;]*? from "\.\/[^"]+";\n/gm;

/** The text of the file. */
export function pluginTypes(): string {
  return [plugin, context, match, messages, socketMessage]
    .map(ownText).join("\n");
}

/** A file without its imports; only the first one keeps what its head says. */
function ownText(text: string, at: number): string {
  const own = text.replace(IMPORT, "")
    .replace(/"\.\/\w+\.ts"/g, '"sallyport"')
    .replace(/^([ *]*)```ts$/gm, "$1```ts ignore")
    .trimStart();
  return at === 0 ? own : own.replace(/^\/\*(?!\*).*?\*\/\s*/s, "");
}
