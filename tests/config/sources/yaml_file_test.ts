import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../../src/config/options/client_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";
import { yamlFile } from "../../../src/config/sources/yaml_file.ts";
import { temporaryFile } from "../fixtures.ts";

const SECRETS: Readonly<Record<string, string>> = {
  SALLYPORT_ACCESS_KEY: "s3cr3t",
  SALLYPORT_API_BASIC_AUTH: "probe:s3cr3t",
};

const environment = (name: string) => SECRETS[name];

const ARGS = [
  "--server=https://lab.example",
  "--username=jane",
  "--tunnel-name=null",
  "--metadata=a=b: c,d=#e",
  "--cacert-file=/a.pem",
  "--dns-server=10.0.0.53,[::1]:5353",
  "--host-override=*.a.test=10.0.0.1,10.0.0.2,b.test=::1",
  "--tunnel-pool",
  "--shutdown-timeout=5m",
];

function read(args: readonly string[]) {
  return collectOptions(CLIENT_FIELDS, { args, environment });
}

Deno.test("yamlFile() reads back as the configuration it was written from", async () => {
  const { values } = await read(ARGS);
  const text = yamlFile(CLIENT_FIELDS, values);
  await using file = await temporaryFile("c.yaml", text);

  const again = await read(["--config-file", file.path]);

  const { configFile: _, ...config } = validateOptions(
    CLIENT_FIELDS,
    again.values,
  );
  const { configFile: __, ...before } = validateOptions(CLIENT_FIELDS, values);
  assert.deepEqual(config, before);
  assert.doesNotMatch(text, /s3cr3t/);
});

Deno.test("yamlFile() with every option uncommented changes nothing", async () => {
  const { values } = await read(ARGS);
  const text = yamlFile(CLIENT_FIELDS, values)
    .replace(/^# ([a-z-]+:( \S+)?)$/gm, "$1");
  await using file = await temporaryFile("c.yaml", text);

  const again = await read(["--config-file", file.path]);

  const { configFile: _, ...config } = validateOptions(
    CLIENT_FIELDS,
    again.values,
  );
  const { configFile: __, ...before } = validateOptions(CLIENT_FIELDS, values);
  assert.match(text, /^http-dial-timeout: 25s$/m);
  assert.deepEqual(config, before);
});

Deno.test("yamlFile() is at most 80 columns wide", () => {
  const text = yamlFile(CLIENT_FIELDS, new Map());

  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
});
