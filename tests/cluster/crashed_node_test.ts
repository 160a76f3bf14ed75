/** Nodes that are threads of one program, with Unix sockets between them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SYSTEM } from "../../src/platform/system.ts";
import { idOf } from "./nodes.ts";

const PROGRAM = fileURLToPath(new URL("threads.ts", import.meta.url));
/** Linux and macOS have Unix sockets that Deno can open. */
const ignore = !SYSTEM.hasUnixSockets;

/** Runs the program, and returns its report. */
async function reportOf(action: string): Promise<unknown> {
  const base = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-prompt", "--no-check", "--quiet", PROGRAM],
        ...[`${base}/nodes`, action],
      ],
    }).output();
    const text = new TextDecoder();
    assert.equal(code, 0, text.decode(stderr));
    return JSON.parse(text.decode(stdout));
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test({
  name:
    "no request that may be repeated fails when a node dies under load, where another one holds the tunnel",
  ignore,
  async fn() {
    const expected = { right: 800, wrong: 0, failed: 0, last: "c" };

    assert.deepEqual(await reportOf("crash"), expected);
  },
});

Deno.test({
  name:
    "a node that is started again under its name gets its link and its requests back",
  ignore,
  async fn() {
    assert.deepEqual(await reportOf("again"), { answer: `${idOf(1)} b` });
  },
});

Deno.test({
  name: "only the user of the server can open the sockets of its nodes",
  ignore,
  async fn() {
    const expected = { folder: 0o700, socket: 0o600 };

    assert.deepEqual(await reportOf("look"), expected);
  },
});
