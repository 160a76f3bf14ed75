/**
 * Switches features of a site on, by cookies that the site itself reads:
 *
 * ```yaml
 * plugins:
 *   - use: ./flag_cookie.ts
 *     match: { host: shop.example }
 *     options: { newCheckout: "on" }
 * ```
 *
 * The browser never sees these cookies.
 */
import type { Plugin } from "sallyport";

export default {
  request({ headers }, { options }) {
    const flags = Object.entries(options)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const cookies = headers.get("Cookie");
    headers.set("Cookie", [...cookies ? [cookies] : [], ...flags].join("; "));
  },
} satisfies Plugin<Readonly<Record<string, string>>>;
