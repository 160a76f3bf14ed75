/** Requests that readers disagree about, before a site on Node.js. */
import { findTool, needs } from "../../testing/needs.ts";
import { startNode } from "./origins.ts";
import { playTable } from "./play_table.ts";

Deno.test({
  ...needs("node"),
  name: "no request means something else to a site on Node.js",
  async fn() {
    await using origin = await startNode(findTool("node") ?? "");
    await playTable(origin);
  },
});
