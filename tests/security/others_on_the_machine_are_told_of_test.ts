/** A server and a client warn at the start of what other users of the machine could read or change, with the command that ends it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  SIGNALS,
  startClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "../system/programs.ts";

/** A folder that others can pass through, as `/srv` is. */
async function openFolder() {
  const parent = await temporaryDirectory();
  await Deno.chmod(parent.path, 0o755);
  return parent;
}

async function write(path: string, text: string, mode: number) {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
  return path;
}

/** A person reads these lines. */
const TEXT = ["--log-format=text"];

/** The lines that warn, without their time. */
function warnings(stdout: string): readonly string[] {
  return stdout.split("\n").filter((line) => line.includes("[WARN]"))
    .map((line) => line.slice(27));
}

const DATA: readonly (readonly [mode: number, told: string | undefined])[] = [
  [0o700, undefined],
  [0o750, undefined],
  [0o755, "read"],
  [0o705, "read"],
  [0o770, "write"],
  [0o777, "write"],
];

for (const [mode, told] of DATA) {
  Deno.test(
    `a data directory of mode ${mode.toString(8)} gets a warning: ${
      told ?? "no"
    }`,
    SIGNALS,
    async () => {
      await using parent = await openFolder();
      const dataDir = join(parent.path, "data");
      await Deno.mkdir(dataDir);
      await Deno.chmod(dataDir, mode);

      await using server = await startServerProgram({ dataDir, args: TEXT });

      assert.deepEqual(
        warnings(server.process.stdout),
        told === undefined ? [] : [
          `[control] [WARN] other users can ${told} the data directory ` +
          `path=${dataDir} mode=${
            mode.toString(8)
          } command="chmod 700 ${dataDir}"`,
        ],
      );
    },
  );
}

Deno.test(
  "a database, keys and a configuration that others can read get a warning",
  SIGNALS,
  async () => {
    await using parent = await openFolder();
    const dataDir = join(parent.path, "data");
    {
      await using _first = await startServerProgram({ dataDir });
    }
    await Deno.chmod(dataDir, 0o711);
    for (const name of ["sallyport.db", "ca-key.pem", "ca.pem"]) {
      await Deno.chmod(join(dataDir, name), 0o644);
    }
    const config = await write(
      join(parent.path, "server.yaml"),
      "users: bob:s3cr3t-key-12345\n",
      0o644,
    );

    await using server = await startServerProgram({
      dataDir,
      args: [...TEXT, `--config-file=${config}`],
    });

    const secret =
      "other users can read the file of the data directory, which " +
      "has secrets";
    assert.deepEqual(warnings(server.process.stdout), [
      `[control] [WARN] other users can read the configuration file, which has secrets path=${config} mode=644 command="chmod 600 ${config}"`,
      `[control] [WARN] other users can read the data directory path=${dataDir} mode=711 command="chmod 700 ${dataDir}"`,
      ...["ca-key.pem", "sallyport.db"].map((name) => {
        const path = join(dataDir, name);
        return `[control] [WARN] ${secret} path=${path} mode=644 command="chmod 600 ${path}"`;
      }),
    ]);
    assert.doesNotMatch(server.process.stdout, /s3cr3t/);
  },
);

Deno.test(
  "what a client trusts and others can write gets a warning, and nothing else",
  SIGNALS,
  async () => {
    await using parent = await openFolder();
    await using server = await startServerProgram();
    const at = (name: string) => join(parent.path, name);
    const plugins = at("plugins");
    await Deno.mkdir(plugins);
    await Deno.chmod(plugins, 0o777);
    const plugin = "export default { name: 'nothing' };\n";
    const inside = await write(join(plugins, "a.ts"), plugin, 0o644);
    const hosts = await write(at("hosts"), "10.0.0.1 a.test\n", 0o666);
    const ca = await write(
      at("ca.pem"),
      await Deno.readTextFile(server.caFile),
      0o664,
    );
    const config = await write(at("client.yaml"), "log-level: info\n", 0o644);

    await using client = await startClientProgram(server, {
      args: [
        ...TEXT,
        `--config-file=${config}`,
        `--cacert-file=${ca}`,
        `--hosts-file=${hosts}`,
        `--plugin-dir=${plugins}`,
      ],
    });

    assert.deepEqual(warnings(client.process.stdout), [
      `[control] [WARN] other users can write the hosts file path=${hosts} mode=666 command="chmod go-w ${hosts}"`,
      `[control] [WARN] other users can write the folder of plugins path=${plugins} mode=777 command="chmod go-w ${plugins}"`,
      `[control] [WARN] other users can write the plugin path=${inside} mode=644 command="chmod go-w ${plugins}"`,
    ]);
  },
);
