import assert from "node:assert/strict";
import { join } from "node:path";
import { exposedPaths } from "../../src/config/exposed_paths.ts";
import { SIGNALS } from "../system/programs.ts";

/** A file of this mode in a folder of that one, whose name has to be quoted in a shell. */
async function exposureOf(
  { file, folder = 0o755, isSecret = false }: {
    readonly file: number;
    readonly folder?: number;
    readonly isSecret?: boolean;
  },
) {
  const parent = await Deno.makeTempDir({ suffix: "it's" });
  const path = join(parent, "a b");
  await Deno.writeTextFile(path, "");
  await Deno.chmod(path, file);
  await Deno.chmod(parent, folder);
  try {
    const [found] = await exposedPaths([{ what: "file", path, isSecret }]);
    return found && [
      found.others,
      found.mode,
      found.command.replaceAll(parent.replaceAll("'", "'\\''"), "DIR"),
    ];
  } finally {
    await Deno.chmod(parent, 0o700);
    await Deno.remove(parent, { recursive: true });
  }
}

const ROWS: readonly (readonly [
  Parameters<typeof exposureOf>[0],
  readonly string[] | undefined,
])[] = [
  [{ file: 0o644 }, undefined],
  [{ file: 0o664 }, undefined],
  [{ file: 0o646 }, ["write", "646", "chmod go-w 'DIR/a b'"]],
  [{ file: 0o666, folder: 0o700 }, undefined],
  [{ file: 0o666, folder: 0o750 }, undefined],
  [{ file: 0o644, folder: 0o777 }, ["write", "644", "chmod go-w 'DIR'"]],
  [{ file: 0o644, folder: 0o1777 }, undefined],
  [{ file: 0o600, isSecret: true }, undefined],
  [{ file: 0o640, isSecret: true }, undefined],
  [{ file: 0o644, isSecret: true }, ["read", "644", "chmod 600 'DIR/a b'"]],
  [{ file: 0o660, isSecret: true }, ["write", "660", "chmod 600 'DIR/a b'"]],
  [{ file: 0o660, folder: 0o700, isSecret: true }, undefined],
  [{ file: 0o644, folder: 0o750, isSecret: true }, undefined],
];

for (const [what, expected] of ROWS) {
  const { file, folder = 0o755, isSecret = false } = what;
  Deno.test(
    `a ${isSecret ? "secret " : ""}file of mode ${file.toString(8)} in a ` +
      `folder of ${folder.toString(8)} is exposed: ${expected?.[0] ?? "no"}`,
    SIGNALS,
    async () => assert.deepEqual(await exposureOf(what), expected),
  );
}

Deno.test("what is not there is not exposed", async () => {
  const path = "/nowhere/at/all";
  assert.deepEqual(await exposedPaths([{ what: "file", path }]), []);
});
