/**
 * Writes the types of plugins beside the examples, which use them: as
 * `sallyport plugin new` does beside a new plugin. `deno task types` runs it.
 *
 * @module
 */
import { pluginTypes, TYPES_FILE } from "../../src/cli/plugin/plugin_types.ts";

/** The file beside the examples. */
export const TYPES_COPY: URL = new URL(
  `../../plugins/${TYPES_FILE}`,
  import.meta.url,
);

if (import.meta.main) await Deno.writeTextFile(TYPES_COPY, pluginTypes());
