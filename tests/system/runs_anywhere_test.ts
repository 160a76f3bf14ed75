/**
 * Promise: the program needs nothing of the place where it is started: neither
 * its own folder, nor an environment, nor a folder to write in, nor many files.
 * As nobody, in a root of six libraries and without `/etc/hosts` it runs in
 * `runs_in_containers_test.ts`; packed for npm in `tests/npm/`.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needs } from "../testing/needs.ts";
import { run, spawn } from "../testing/process.ts";
import { temporaryDirectory } from "./programs.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const COMMAND = [
  ...["run", "-q", "-P", "--no-prompt", "--cached-only"],
  ...[`--config=${PROJECT}deno.json`, `${PROJECT}main.ts`, "demo", "--once"],
];
/** Where the runtime has its packages; a compiled program has them inside. */
const DENO_DIR = JSON.parse(
  (await run(Deno.execPath(), ["info", "--json"])).stdout,
).denoDir as string;

/** A place to start from. */
interface Place {
  readonly name: string;
  /** The mode of the folder where it is started. */
  readonly mode?: number;
  /** A limit that is set before, by a shell. */
  readonly limit?: string;
}

const PLACES: readonly Place[] = [
  { name: "in another folder, with an empty environment and no home" },
  { name: "in a folder that cannot be written", mode: 0o555 },
  { name: "with 256 files", limit: "ulimit -n 256" },
];

for (const { name, mode, limit } of PLACES) {
  Deno.test({
    ignore: limit !== undefined &&
      (Deno.build.os === "windows" || needs("sh").ignore),
    name: `the program runs ${name}`,
    async fn() {
      await using folder = await temporaryDirectory();
      if (mode !== undefined && Deno.build.os !== "windows") {
        await Deno.chmod(folder.path, mode);
      }
      const [command, args] = limit === undefined
        ? [Deno.execPath(), COMMAND]
        : ["sh", [
          "-c",
          `${limit} && exec "$0" "$@"`,
          Deno.execPath(),
          ...COMMAND,
        ]];
      const { code, stdout, stderr } = await spawn(command, {
        args: [...args],
        cwd: folder.path,
        clearEnv: true,
        env: { DENO_DIR, NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).output();

      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.deepEqual([code, text(stderr)], [0, ""]);
      assert.match(text(stdout), /Hello from behind the firewall/);
      assert.deepEqual(Array.from(Deno.readDirSync(folder.path)), []);
    },
  });
}
