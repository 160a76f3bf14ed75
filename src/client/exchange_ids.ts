/**
 * Names for exchanges on log lines.
 *
 * @module
 */
import { randomBytes } from "node:crypto";

/** Makes a function that gives `1-f1c61ee0`, `2-f1c61ee0` …; the second part tells runs apart. */
export function exchangeIds(): () => string {
  const run = randomBytes(4).toString("hex");
  let count = 0;
  return () => `${++count}-${run}`;
}
