/**
 * Sends requests for one site to another: production pages, staging servers.
 */
import type { Plugin } from "sallyport";

export default {
  match: { host: ["shop.example", "www.shop.example"] },

  request(request, { original }) {
    const { pathname, search } = request.url;
    request.url = new URL(pathname + search, "http://staging.example:8080");
    // Redirects should lead back to the host that the browser knows.
    request.headers.set("X-Forwarded-Host", original.url.host);
  },
} satisfies Plugin;
