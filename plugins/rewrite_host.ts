/**
 * Sends requests for one site to another: production pages, staging servers.
 */
import type { Plugin } from "./sallyport_plugin.d.ts";

/** From the host in the URL to the server that gets the request. */
const HOSTS = new Map([
  ["shop.example", "http://staging.example:8080"],
  ["www.shop.example", "http://staging.example:8080"],
]);

export default {
  request({ url }) {
    const origin = HOSTS.get(url.host);
    if (origin === undefined) return;
    return {
      url: new URL(url.pathname + url.search, origin),
      headers: {
        // Redirects should lead back to the host that the browser knows.
        "X-Forwarded-Host": url.host,
      },
    };
  },
} satisfies Plugin;
