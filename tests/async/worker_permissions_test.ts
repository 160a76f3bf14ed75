import { equal } from "node:assert/strict";
import { hasWorkerPermissions } from "../../src/async/worker_permissions.ts";
import { run } from "../testing/process.ts";

const SUBJECT = new URL(
  "../../src/async/worker_permissions.ts",
  import.meta.url,
);

/** Without any permission: it needs none. */
async function inProgram(...flags: readonly string[]): Promise<string> {
  const source = `
    import { hasWorkerPermissions } from "${SUBJECT}";
    import { ChildProcess } from "node:child_process";
    const methods = () => [
      Object.getOwnPropertyDescriptor(Deno.env, "get").value,
      Object.getOwnPropertyDescriptor(ChildProcess.prototype, "spawn")?.value,
    ];
    const before = methods();
    const result = hasWorkerPermissions();
    const isSame = methods().every((each, at) => each === before[at]);
    console.log(result, isSame ? "" : "methods were replaced");
  `;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, source);
    const { stdout, stderr } = await run(
      Deno.execPath(),
      ["run", "-q", "--no-prompt", ...flags, "main.ts"],
      { cwd: folder },
    );
    return stdout.trim() + stderr;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("hasWorkerPermissions() is true in the program itself", () => {
  equal(hasWorkerPermissions(), true);
});

Deno.test("it is true with the flag, false without, and changes nothing", async () => {
  equal(await inProgram("--unstable-worker-options"), "true");
  equal(await inProgram(), "false");
});
