/** @module */
import assert from "node:assert/strict";
import { createRegistry } from "../../src/metrics/registry.ts";

const BUILD = { version: "1.2.3", commit: "abc", time: "2026-01-01" };

/** The value of the one line that begins with `name`. */
function valueOf(text: string, name: string): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name} `));
  assert.equal(lines.length, 1, `${name} in\n${text}`);
  return Number(lines[0]?.split(" ")[1]);
}

Deno.test("createRegistry() tells which program runs", async () => {
  const text = await createRegistry(BUILD).metrics();

  assert.match(
    text,
    /^sallyport_version\{version="1\.2\.3",commit="abc",time="2026-01-01"\} 1$/m,
  );
});

Deno.test("createRegistry() measures the process at the time of asking", async () => {
  const text = await createRegistry(BUILD).metrics();

  const started = valueOf(text, "sallyport_process_start_time_seconds");
  assert.ok(started <= Date.now() / 1000);
  assert.ok(started > Date.now() / 1000 - 24 * 3600);
  const mebibyte = 1024 * 1024;
  const resident = valueOf(text, "sallyport_process_resident_memory_bytes");
  const heap = valueOf(text, "sallyport_process_heap_bytes");
  assert.ok(heap > mebibyte && resident > heap, `${heap} of ${resident}`);
});

Deno.test("createRegistry() makes registries that do not know of each other", async () => {
  const first = createRegistry(BUILD);
  const second = createRegistry({ ...BUILD, version: "2.0.0" });

  assert.doesNotMatch(await first.metrics(), /2\.0\.0/);
  assert.doesNotMatch(await second.metrics(), /1\.2\.3/);
});
