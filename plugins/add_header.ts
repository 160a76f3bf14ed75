/**
 * Marks every request of the test run: the smallest useful plugin.
 */
import type { Plugin } from "../mod.ts";

export default {
  request({ headers }) {
    headers.set("X-Test-Run", "nightly");
  },
} satisfies Plugin;
