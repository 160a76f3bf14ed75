import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { run } from "../testing/process.ts";
import { billOfMaterials } from "./sbom.ts";

/** The licences of SPDX that may be in the binary. */
const LICENCES = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
];

Deno.test("the bill of materials has each package of the program once, with licence and checksum", async () => {
  const { components, dependencies, metadata } = await billOfMaterials();

  const refs = components.map((each) => each["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  for (const each of components) {
    for (const { license } of each.licenses) {
      assert.ok(LICENCES.includes(license.id), `${each.name}: ${license.id}`);
    }
    if (each.type !== "library") continue;
    assert.equal(each["bom-ref"], each.purl);
    assert.match(each.hashes?.[0]?.content ?? "", /^[0-9a-f]{128}$/);
  }
  const known = new Set([...refs, metadata.component["bom-ref"]]);
  for (const { ref, dependsOn } of dependencies) {
    for (const each of [ref, ...dependsOn]) assert.ok(known.has(each), each);
  }
});

Deno.test("the bill of materials has what the program imports, and nothing of the tests", async () => {
  const { components } = await billOfMaterials();

  const names = components.map(({ name }) => name);
  for (const name of ["hono", "zod", "deno"]) assert.ok(names.includes(name));
  for (const name of ["playwright-core", "fast-check", "typescript"]) {
    assert.ok(!names.includes(name), name);
  }
});

Deno.test("the task prints the bill of materials", async () => {
  const { code, stdout } = await run(Deno.execPath(), ["task", "-q", "sbom"]);

  assert.equal(code, 0);
  const { bomFormat, specVersion, metadata } = JSON.parse(stdout);
  assert.deepEqual([bomFormat, specVersion], ["CycloneDX", "1.6"]);
  assert.equal(metadata.component.version, project.version);
});
