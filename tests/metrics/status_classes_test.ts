import assert from "node:assert/strict";
import { StatusClasses } from "../../src/metrics/status_classes.ts";

Deno.test("StatusClasses has the usual classes, and others that were counted", () => {
  const classes = new StatusClasses();
  const none = [["2xx", 0], ["3xx", 0], ["4xx", 0], ["5xx", 0]];
  assert.deepEqual(classes.byClass, none);

  for (const status of [200, 299, 199, 500, 999]) classes.count(status);
  const counted = [
    ...[["1xx", 1], ["2xx", 2], ["3xx", 0], ["4xx", 0], ["5xx", 1]],
    ["9xx", 1],
  ];
  assert.deepEqual(classes.byClass, counted);

  const all = new StatusClasses();
  all.count(404);
  all.addAll(classes);
  assert.deepEqual(all.byClass, counted.with(3, ["4xx", 1]));
});
