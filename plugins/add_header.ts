/**
 * Marks every request of the test run: the smallest useful plugin.
 */
import type { Plugin } from "sallyport";

export default {
  request({ headers }) {
    headers.set("X-Test-Run", "nightly");
  },
} satisfies Plugin;
