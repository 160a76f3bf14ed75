/**
 * What plugins cost: one client with plugins beside one without.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { SALLYPORT, sallyport } from "../peers/sallyport.ts";
import type { Workload } from "../workload.ts";
import { bulk } from "./bulk.ts";
import { requests } from "./requests.ts";

/** As many plugins as the largest team has. */
const MANY = 20;
const TRUSTED = ["--plugin-permissions=trusted"];

const UNMATCHED = `export default {
  match: { host: "elsewhere.example" },
  request({ headers }) { headers.set("X-Test-Run", "nightly"); },
  response({ headers }) { headers.set("X-Test-Run", "nightly"); },
};`;

const EDIT = `export default {
  request({ headers }) { headers.set("X-Test-Run", "nightly"); },
};`;

/** Changes each chunk in place: what the boundary costs, not the work. */
const TRANSFORM = `export default {
  response(response) {
    if (response.body === null) return;
    response.body = response.body.pipeThrough(new TransformStream({
      transform(chunk, out) {
        chunk[0] = 120;
        out.enqueue(chunk);
      },
    }));
  },
};`;

/** Clients whose plugins see each request. */
const EDITING: readonly Peer[] = [
  SALLYPORT,
  sallyport({
    name: `${MANY} unmatched`,
    about: `${MANY} sandboxed plugins whose \`match\` names another host`,
    plugins: Object.fromEntries(
      Array.from({ length: MANY }, (_, at) => [`plugin_${at}.js`, UNMATCHED]),
    ),
  }),
  sallyport({
    name: "sandboxed edit",
    about: "one plugin that adds a field to each request",
    plugins: { "edit.js": EDIT },
  }),
  sallyport({
    name: "trusted edit",
    about: "the same, trusted",
    plugins: { "edit.js": EDIT },
    flags: TRUSTED,
  }),
];

/** Clients whose plugins see content. */
const TRANSFORMING: readonly Peer[] = [
  SALLYPORT,
  sallyport({
    name: "sandboxed transform",
    about: "one plugin that changes content while it flows",
    plugins: { "transform.js": TRANSFORM },
  }),
  sallyport({
    name: "trusted transform",
    about: "the same, trusted",
    plugins: { "transform.js": TRANSFORM },
    flags: TRUSTED,
  }),
];

function edits(workers: number): Workload {
  return requests(workers, {
    name: `plugins-${workers}`,
    about: `plain HTTP with plugins, ${workers} connections`,
    way: "plain",
    peers: EDITING,
  });
}

/** All that is measured about plugins. */
export const PLUGINS: readonly Workload[] = [
  edits(1),
  edits(32),
  {
    ...bulk(1),
    name: "plugins-bulk",
    about: "one download with plugins, plain HTTP",
    way: "plain",
    peers: TRANSFORMING,
  },
];
