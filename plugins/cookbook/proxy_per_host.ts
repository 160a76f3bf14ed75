/**
 * Reaches each host through a proxy of its own, or past all proxies:
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/proxy_per_host.ts
 *     options:
 *       "*.partner.example": http://user:password@proxy.example:3128
 *       legacy.example: socks5://10.0.0.7:1080
 *       intranet.example: direct
 * ```
 *
 * Other hosts go the usual way: by `--proxy` or `--pac`, if there is one.
 */
import type { Plugin } from "sallyport";

export default {
  connect({ hostname }, { options }) {
    const domain = hostname.slice(hostname.indexOf(".") + 1);
    const proxy = options[hostname] ?? options[`*.${domain}`];
    if (proxy !== undefined) return { proxy };
  },
} satisfies Plugin<Readonly<Record<string, string>>>;
