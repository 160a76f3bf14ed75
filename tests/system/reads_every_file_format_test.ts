/** Promise: the same options in YAML, JSON and TOML are the same configuration. */
import assert from "node:assert/strict";
import {
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

const FILES: Readonly<Record<string, string>> = {
  "a.yaml": `deny-domains:
  - '^ads\\.'
  - '-good'
tunnel-pool: true
dns-timeout: 2s
metadata: [runner=x, "build=7"]
log-http: proxy:url
`,
  "a.json": JSON.stringify({
    "deny-domains": ["^ads\\.", "-good"],
    "tunnel-pool": true,
    "dns-timeout": "2s",
    "metadata": ["runner=x", "build=7"],
    "log-http": "proxy:url",
  }),
  "a.toml": `deny-domains = ['^ads\\.', "-good"]
tunnel-pool = true
dns-timeout = "2s"
metadata = ["runner=x", "build=7"]
log-http = "proxy:url"
`,
};

Deno.test("YAML, JSON and TOML give the same /configz", async () => {
  await using server = await startServerProgram();
  await using directory = await temporaryDirectory();

  const shown = [];
  for (const [name, text] of Object.entries(FILES)) {
    const path = `${directory.path}/${name}`;
    await Deno.writeTextFile(path, text);
    await using client = await startClientProgram(server, {
      args: [`--config-file=${path}`],
    });
    const configz = await (await fetch(`${client.apiUrl}configz`)).text();
    // The last lines name the file and its lines, which differ.
    const [options = ""] = configz.split("# set by\n");
    shown.push(options.replace(path, "FILE"));
  }

  assert.match(shown[0] ?? "", /^deny-domains=\^ads\\\.,-good$/m);
  assert.match(shown[0] ?? "", /^tunnel-pool=true$/m);
  assert.match(shown[0] ?? "", /^metadata=runner=x,build=7$/m);
  assert.match(shown[0] ?? "", /^log-http=proxy:url$/m);
  assert.equal(shown[1], shown[0]);
  assert.equal(shown[2], shown[0]);
});
