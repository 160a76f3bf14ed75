/**
 * Puts a script into each page of a host, and removes the policy that would
 * forbid it (`Content-Security-Policy`).
 *
 * ```yaml
 * plugins:
 *   - use: ./inject_script.ts
 *     match: { host: shop.example }
 *     options: { script: "window.isTest = true" }
 * ```
 */
import type { Plugin } from "sallyport";

export default {
  async response(response, { options: { script } }) {
    const { headers } = response;
    if (!headers.get("Content-Type")?.startsWith("text/html")) return;
    headers.delete("Content-Security-Policy");
    headers.delete("Content-Security-Policy-Report-Only");
    const html = await response.text();
    // A function, so that "$&" in a script means nothing.
    response.body = html.replace(
      /<head[^>]*>/i,
      (head) => `${head}<script>${script}</script>`,
    );
  },
} satisfies Plugin<{ readonly script: string }>;
