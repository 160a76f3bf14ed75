import assert from "node:assert/strict";
import { NodeFolder } from "../../src/cluster/node_folder.ts";
import { SYSTEM } from "../../src/platform/system.ts";

const ignore = !SYSTEM.hasUnixSockets;

async function withFolder(
  run: (base: string) => void | Promise<void>,
): Promise<void> {
  const base = await Deno.makeTempDir();
  try {
    await run(base);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test({
  name: "NodeFolder makes a folder for this user only, and finds nodes in it",
  ignore,
  async fn() {
    await withFolder(async (base) => {
      const folder = new NodeFolder(`${base}/nodes`);
      for (const name of ["b.sock", "a.sock", "x", "UPPER.sock", ".sock"]) {
        await Deno.writeTextFile(`${base}/nodes/${name}`, "");
      }

      const { mode } = await Deno.stat(`${base}/nodes`);
      assert.equal((mode ?? 0) & 0o777, 0o700);
      assert.deepEqual(await folder.names(), ["a", "b"]);
    });
  },
});

Deno.test({
  name: "NodeFolder refuses a folder that others can open",
  ignore,
  async fn() {
    await withFolder(async (base) => {
      await Deno.mkdir(`${base}/nodes`);
      await Deno.chmod(`${base}/nodes`, 0o710);

      assert.throws(() => new NodeFolder(`${base}/nodes`), {
        name: "NodeFolderError",
        message:
          `Cannot use the folder of the nodes "${base}/nodes": others can open it, set its mode to 700`,
      });
    });
  },
});

Deno.test({
  name: "NodeFolder refuses a link in place of the folder",
  ignore,
  async fn() {
    await withFolder(async (base) => {
      await Deno.mkdir(`${base}/elsewhere`, { mode: 0o700 });
      await Deno.symlink(`${base}/elsewhere`, `${base}/nodes`);

      assert.throws(() => new NodeFolder(`${base}/nodes`), {
        name: "NodeFolderError",
        message: /: it is a link or a file$/,
      });
    });
  },
});

Deno.test({
  name: "NodeFolder names only nodes, and says when a path is too long",
  ignore,
  async fn() {
    await withFolder((base) => {
      const folder = new NodeFolder(`${base}/${"x".repeat(100)}`);

      assert.throws(() => folder.socketOf("../a"), {
        name: "NodeFolderError",
        message: /^Cannot name a node "\.\.\/a": a name has 1 to 32/,
      });
      assert.throws(() => folder.socketOf("a"), {
        name: "NodeFolderError",
        message: /the path has \d+ bytes and sockets have at most 103/,
      });
    });
  },
});
