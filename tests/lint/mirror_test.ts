/**
 * A test has the path of its source: `src/http1/parse/framing.ts` is tested in
 * `tests/http1/parse/framing_test.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";

/** Tests of several files together → what they test. They stand in the folder that has all of it. */
const OF_SEVERAL: Readonly<Record<string, string>> = {
  "cli/mistakes": "run, server, and the sources of their options",
  "cli/new_data": "the commands that make a data directory",
  "cli/service/units": "the files of all service managers",
  "cluster/crashed_node": "a mesh, one of whose nodes is a thread that dies",
  "cluster/isolation": "a mesh, beside the judge of whose tunnel answers",
  "http1/fuzz": "both ends, with random input",
  "http1/property": "both ends, with generated messages, beside Node.js",
  "http1/server/refusals": "serve.ts and the parsers, with malformed messages",
  "http1/sockets": "both ends, on real sockets, beside other programs",
  "http2/flow/unread": "the receive queues of all streams of a connection",
  "http2/hostile": "a connection, with peers that break the rules",
  "http2/node": "both ends, beside Node.js",
  "net/special_addresses":
    "the kinds of addresses that all of net/ tells apart",
  "npm/package": "all of npm/, packed and installed",
  "server/key_scopes": "REST API and accounts: what a key may do",
  "server/last_admin": "REST API, command line and accounts",
  "server/organization": "REST API, registry and accounts",
  "server/permissions_property": "REST API, proxy port and accounts",
  "server/rest_document": "REST API and its OpenAPI document",
  "server/web/account_pages": "the pages of keys and users together",
  "server/web/full_pages": "all pages, with as much as they can show",
};

/** `tests/http1/parse/framing_test.ts` → `http1/parse/framing`. */
const TEST = /^tests\/(.+)_test\.ts$/;

/** What a source may end with, and its test leaves out. */
const ENDINGS = [".ts", ".tsx", ".js"] as const;

Deno.test("the tests of each folder of src/ mirror their sources", async () => {
  const sources = new Set<string>();
  for await (const path of filesOf("src")) sources.add(path);
  const folders = new Set([...sources].map((path) => path.split("/")[1]));
  const homeless: string[] = [];
  for (const path of (await textsOf("tests")).keys()) {
    const [, subject = ""] = TEST.exec(path) ?? [];
    if (!folders.has(subject.split("/")[0])) continue;
    const isMirror = ENDINGS.some((end) => sources.has(`src/${subject}${end}`));
    if (!isMirror) homeless.push(subject);
  }

  assert.deepEqual(homeless.sort(), Object.keys(OF_SEVERAL).sort());
});

/** Every file below a folder, by path from the root of the repository. */
async function* filesOf(folder: string): AsyncGenerator<string> {
  const url = new URL(`../../${folder}`, import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(url)) {
    if (isDirectory) yield* filesOf(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}
