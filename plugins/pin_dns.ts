/**
 * Gives names the addresses from the configuration, even if the names do not
 * exist:
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/pin_dns.ts
 *     options:
 *       shop.example: [10.1.2.3]
 *       "*.shop.example": [10.1.2.4, 10.1.2.5]
 * ```
 */
import type { Plugin } from "sallyport";

type Table = Readonly<Record<string, readonly string[]>>;

export default {
  setup({ options }) {
    for (const [name, addresses] of Object.entries(options)) {
      if (Array.isArray(addresses)) continue;
      throw new TypeError(`"${name}" has no list of addresses`);
    }
  },

  resolve(hostname, { options }) {
    const domain = hostname.slice(hostname.indexOf(".") + 1);
    return options[hostname] ?? options[`*.${domain}`];
  },
} satisfies Plugin<Table>;
