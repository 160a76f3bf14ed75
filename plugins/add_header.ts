/**
 * Marks every request of the test run: the smallest useful plugin.
 */
import type { Plugin } from "./sallyport_plugin.d.ts";

export default {
  request() {
    return { headers: { "X-Test-Run": "nightly" } };
  },
} satisfies Plugin;
