/** Promise: what is configured about plugins is said to be wrong where it is set, and changes while the client runs. @module */
import assert from "node:assert/strict";
import { type TempPlugins, tempPlugins } from "../plugin/temp_plugins.ts";
import { get } from "../testing/browser.ts";
import { runProgram } from "../testing/process.ts";
import {
  CLIENT_ENV,
  type ServerProgram,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";

/** A plugin that shows its options. Others see that it was there. */
const SHOW = `import { z } from "zod";
export const options = z.object({
  text: z.string(),
  times: z.int().default(1),
});
export default {
  request({ url, headers }, { name, options: { text, times } }) {
    if (url.hostname === "show.test") {
      return new Response((headers.get("seen") ?? "") + text.repeat(times));
    }
    headers.set("Seen", (headers.get("seen") ?? "") + name);
  },
};
`;

/** What a browser gets from the plugin. */
async function shown({ proxy }: ServerProgram): Promise<string> {
  return (await get("http://show.test/", proxy)).text;
}

/** A client whose plugins are in a configuration file. */
async function startConfigured(
  server: ServerProgram,
  files: TempPlugins,
  list: string,
): Promise<Awaited<ReturnType<typeof startClientProgram>>> {
  await files.write("client.yaml", list);
  return await startClientProgram(server, {
    args: [`--config-file=${files.path("client.yaml")}`],
  });
}

Deno.test("mistakes in options are lines with the schema's words, the plugin, the option and its line", async () => {
  await using files = await tempPlugins({ "show.js": SHOW });
  const config = files.path("client.yaml");
  await files.write(
    "client.yaml",
    `plugins:
  - use: ${files.path("show.js")}
    name: shown
    options:
      times: many
      txet: hello
`,
  );

  const { code, stderr } = await runProgram([
    "run",
    "--server=https://127.0.0.1:1",
    "--username=jane",
    "--tunnel-name=lab",
    `--config-file=${config}`,
  ], { env: CLIENT_ENV });

  assert.equal(code, 1, stderr);
  assert.deepEqual(stderr.trimEnd().split("\n"), [
    `sallyport: Cannot use options.text of plugin "shown" in "${config}", line 4: ` +
    "Invalid input: expected string, received undefined",
    `sallyport: Cannot use options.times of plugin "shown" in "${config}", line 5: ` +
    "Invalid input: expected number, received string",
    `sallyport: Cannot use options.txet of plugin "shown" in "${config}", line 6: ` +
    'unknown option, did you mean "text"?',
  ]);
});

Deno.test(
  "options, order, names and permissions change with the configuration file, and with SIGHUP",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using server = await startServerProgram();
    await using files = await tempPlugins({
      "show.js": SHOW,
      "late.js": `export default {
      request: () => { throw new Error("too late"); },
    };`,
    });
    const entry = (text: string, more = "") =>
      `  - { use: ${
        files.path("show.js")
      }, options: { text: ${text} }${more} }\n`;
    const late = `  - { use: ${files.path("late.js")}, on-failure: skip }\n`;
    await using client = await startConfigured(
      server,
      files,
      `plugins:\n${entry("one")}`,
    );
    const { log } = client.process;
    const changed = (count: number) =>
      client.process.event("configuration of plugins read again", {}, {
        count,
      });

    assert.equal(await shown(server), "one");

    await files.write("client.yaml", `plugins:\n${late}${entry("two")}`);
    await changed(1);
    assert.equal(await shown(server), "two");
    assert.equal(
      log.matching("hook failed, the request passes without it").length,
      1,
    );

    await files.write("client.yaml", `plugins:\n${entry("2, times: tw")}`);
    const { level, fields } = await client.process.event(
      "cannot use the new configuration of plugins, the old one stays",
    );
    assert.equal(level, "error");
    assert.match(
      String(fields["error"]),
      /options\.text of plugin "show" in ".*client\.yaml", line 2: .*string/,
    );
    assert.equal(await shown(server), "two");

    client.process.signal("SIGHUP");
    await client.process.event(
      "cannot use the new configuration of plugins, the old one stays",
      {},
      { count: 2 },
    );

    await files.write(
      "client.yaml",
      `tunnel-pool: true\nplugins:\n${
        entry("x", ', name: first, match: { host: "*.other.test" }')
      }${entry("three", ", allow: trusted")}`,
    );
    await changed(2);
    assert.equal(await shown(server), "three");
    assert.deepEqual(
      log.matching("changed options need a restart of the client")[0]
        ?.fields["options"],
      ["tunnel-pool"],
    );
  },
);
