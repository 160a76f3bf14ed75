/**
 * Promise: `version` says what runs.
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { runProgram } from "../testing/process.ts";

for (const args of [["version"], ["--version"]]) {
  Deno.test(`sallyport ${args} prints version, build, platform and runtime`, async () => {
    const { code, stdout, stderr } = await runProgram(args);

    assert.deepEqual([code, stderr], [0, ""]);
    const says = new Map(
      stdout.trim().split("\n").map((line) => {
        const [, name = "", value = ""] = /^(.+?): +(\S.*)$/.exec(line) ?? [];
        return [name, value] as const;
      }),
    );
    assert.equal(says.get("Version"), project.version);
    assert.equal(says.get("Deno"), Deno.version.deno);
    assert.equal(says.get("OS/Arch"), `${Deno.build.os}/${Deno.build.arch}`);
    for (const name of ["Build time", "Git commit"]) {
      assert.match(says.get(name) ?? "", /\S/, name);
    }
  });
}
