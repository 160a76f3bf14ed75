/**
 * Marks every request of the test run: the smallest useful plugin.
 */
import type { Plugin } from "./sallyport_plugin.d.ts";

export default {
  request({ headers }) {
    headers.set("X-Test-Run", "nightly");
  },
} satisfies Plugin;
