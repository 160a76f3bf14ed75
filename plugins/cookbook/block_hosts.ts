/**
 * Refuses connections to hosts that tests do not need: advertisements,
 * analytics, production.
 *
 * ```yaml
 * plugins:
 *   - use: ./block_hosts.ts
 *     options: [ads.example, "*.tracker.example"]
 * ```
 */
import type { Plugin } from "sallyport";

export default {
  connect({ hostname }, { options }) {
    const isBlocked = options.some((pattern) =>
      pattern.startsWith("*.")
        ? hostname.endsWith(pattern.slice(1))
        : hostname === pattern
    );
    if (isBlocked) return { refuse: "this host is blocked in tests" };
  },
} satisfies Plugin<readonly string[]>;
