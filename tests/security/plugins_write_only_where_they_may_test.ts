/** Promise: a plugin writes only where it is allowed to. @module */
import assert from "node:assert/strict";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { runProgram } from "../testing/process.ts";

/** Ways to change a file, each with `inside` and `outside` as paths. */
const WAYS: readonly string[] = [
  "Deno.writeTextFile(outside, 'x')",
  "Deno.writeFile(outside, new Uint8Array(1), { append: true })",
  "Deno.writeTextFileSync(outside, 'x')",
  "Deno.writeTextFile(inside + '/../outside.txt', 'x')",
  "Deno.open(outside, { write: true, create: true })",
  "Deno.create(outside)",
  "Deno.truncate(outside)",
  "Deno.remove(outside)",
  "Deno.rename(inside + '/a.txt', outside)",
  "Deno.rename(outside, inside + '/b.txt')",
  "Deno.copyFile(inside + '/a.txt', outside)",
  "Deno.mkdir(outside + '.d')",
  "Deno.symlink(outside, inside + '/link')",
  "Deno.link(outside, inside + '/hard')",
  "Deno.chmod(outside, 0o777)",
  "Deno.makeTempFile()",
];

/** What a plugin may and what it can. */
async function tried(permissions: string): Promise<{
  readonly stdout: string;
  readonly outside: string;
  readonly inside: readonly string[];
}> {
  await using files = await tempPlugins({
    "plugins/p.js": `export default {
      async request({ url }) {
        const { inside, outside } = Object.fromEntries(url.searchParams);
        const done = [];
        for (const way of [${WAYS.map((way) => `() => ${way}`).join(",\n")}]) {
          try {
            await way();
            done.push(String(way));
          } catch {}
        }
        await Deno.writeTextFile(inside + "/new.txt", "new");
        return new Response("did " + done.length + " " + done.join());
      },
    };`,
    "inside/a.txt": "a",
    "outside.txt": "kept",
  });
  const inside = files.path("inside");
  const query = new URLSearchParams({
    inside,
    outside: files.path("outside.txt"),
  });
  const { stdout, stderr } = await runProgram([
    "plugin",
    "test",
    files.path("plugins/p.js"),
    `--url=http://a.test/?${query}`,
    `--plugin-permissions=${permissions.replaceAll("INSIDE", inside)}`,
  ]);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(inside)) names.push(name);
  return {
    stdout: stdout + stderr,
    outside: await Deno.readTextFile(files.path("outside.txt")),
    inside: names.sort(),
  };
}

Deno.test("a plugin that may write one folder writes nothing outside of it", async () => {
  const { stdout, outside, inside } = await tried(
    "read=INSIDE;write=INSIDE",
  );

  assert.match(stdout, /did 0\n/);
  assert.equal(outside, "kept");
  assert.deepEqual(inside, ["a.txt", "new.txt"]);
});

Deno.test("a plugin that may only read writes nothing, and is shown the permission", async () => {
  const { stdout, outside, inside } = await tried("read");

  assert.match(
    stdout,
    /it has no write access to "[^"]*new\.txt", allow it with --plugin-permissions "p:write=[^"]*new\.txt"/,
  );
  assert.equal(outside, "kept");
  assert.deepEqual(inside, ["a.txt"]);
});
