/**
 * `deno run -A tests/deploy/render.ts`: renders the chart again with `helm`,
 * after it was changed. Read the difference line by line.
 *
 * @module
 */
import { program } from "../programs/tools.ts";
import { render, renderedFile, VALUE_SETS } from "./chart.ts";

for (const set of VALUE_SETS) {
  await Deno.writeTextFile(
    renderedFile(set),
    await render(program("helm"), set),
  );
}
