/** What must be right before a service is installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  checkConfiguration,
  checkProgram,
  exists,
} from "../../../src/cli/service/checks.ts";
import { temporaryFile } from "../../config/fixtures.ts";

const SERVER = { kind: "server", configFile: "/nowhere/s.yaml" } as never;
const CLIENT = { kind: "client", configFile: "/nowhere/c.yaml" } as never;

Deno.test("something is at a path, even a link that leads nowhere", async () => {
  await using file = await temporaryFile("a", "");
  assert.equal(await exists(file.path), true);
  assert.equal(await exists(`${file.path}x`), false);
  const link = `${file.path}-link`;
  await Deno.symlink("/nowhere", link);
  assert.equal(await exists(link), true);
  await assert.rejects(exists(join(file.path, "b")));
});

Deno.test("a service needs its program", async () => {
  await using file = await temporaryFile("sallyport", "");
  await checkProgram(file.path);
  for (const path of [`${file.path}x`, join(file.path, "..")]) {
    await assert.rejects(checkProgram(path), {
      code: "badValue",
      message: `Cannot install the service: there is no program "${path}", ` +
        "put the binary there or set --program",
    });
  }
});

for (const [spec, command] of [[SERVER, "server"], [CLIENT, "run"]] as const) {
  Deno.test(`a service without a file is advised to take one of "${command}"`, async () => {
    const { configFile } = spec as { configFile: string };
    await assert.rejects(checkConfiguration(spec), {
      code: "badFile",
      message: "Cannot install the service: there is no configuration file " +
        `"${configFile}", make one from "sallyport ${command} config-file" ` +
        "or set --config-file",
    });
  });
}

const GOOD_CLIENT = "server: https://lab.test\nusername: ann\n" +
  "access-key: secret\ntunnel-name: nightly\n";

Deno.test("each kind of service has its own options", async () => {
  await using client = await temporaryFile("c.yaml", GOOD_CLIENT);
  await using server = await temporaryFile("s.yaml", "max-connections: 100\n");
  const spec = (kind: string, configFile: string) =>
    checkConfiguration({ kind, configFile } as never);
  await spec("client", client.path);
  await spec("server", server.path);
  await assert.rejects(spec("server", client.path), /access-key/);
  await assert.rejects(spec("client", server.path), /max-connections/);
});

Deno.test("all mistakes of a file come at once", async () => {
  await using file = await temporaryFile(
    "s.yaml",
    "max-connections: 3\nnonsense: 1\nlogin-max-failures: 0\n",
  );
  const spec = { kind: "server", configFile: file.path } as never;
  await assert.rejects(checkConfiguration(spec), (error) => {
    const text = String(error);
    for (const name of ["max-connections", "nonsense", "login-max-failures"]) {
      assert.match(text, new RegExp(name));
    }
    return true;
  });
});
