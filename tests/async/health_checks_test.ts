import assert from "node:assert/strict";
import {
  CHECK_LIFETIME,
  HealthChecks,
  healthText,
} from "../../src/async/health_checks.ts";
import { ManualClock } from "../server/manual_clock.ts";

Deno.test("HealthChecks says which check fails and why, and reports each change once", () => {
  const clock = new ManualClock();
  const changes: string[] = [];
  let disk: string | undefined;
  const health = new HealthChecks({ disk: () => disk, files: () => "none" }, {
    clock,
    onChange: (name, reason) => changes.push(`${name} ${reason}`),
  });

  const texts: string[] = [];
  for (const state of [undefined, "full", "fuller", undefined]) {
    disk = state;
    texts.push(healthText(health.failures));
    clock.advance(CHECK_LIFETIME);
  }

  assert.deepEqual(health.names, ["disk", "files"]);
  assert.deepEqual(texts.map((text) => text.split("\n").toSorted()), [
    ["files: none"],
    ["disk: full", "files: none"],
    ["disk: fuller", "files: none"],
    ["files: none"],
  ]);
  assert.deepEqual(changes, ["files none", "disk full", "disk undefined"]);
});

Deno.test("HealthChecks checks once a second at most", () => {
  const clock = new ManualClock();
  let checks = 0;
  const health = new HealthChecks({
    disk() {
      checks += 1;
      return undefined;
    },
  }, { clock });

  for (let asked = 0; asked < 100; asked++) health.failures.size;
  clock.advance(CHECK_LIFETIME - 1);
  health.failures.size;
  const before = checks;
  clock.advance(1);
  health.failures.size;

  assert.deepEqual([before, checks], [1, 2]);
});
