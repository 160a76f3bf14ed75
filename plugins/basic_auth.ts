/**
 * Logs in to protected sites, so that tests need no passwords in their URLs:
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/basic_auth.ts
 *     options:
 *       staging.example: { user: tester, password: open-sesame }
 * ```
 */
import type { Plugin } from "sallyport";

interface Login {
  readonly user: string;
  readonly password: string;
}

export default {
  setup({ options, log }) {
    log.info("logins", { hosts: Object.keys(options) });
  },

  request({ url, headers }, { options }) {
    const login = options[url.hostname];
    // A user who logs in by hand knows why.
    if (login === undefined || headers.has("authorization")) return;
    const bytes = new TextEncoder().encode(`${login.user}:${login.password}`);
    headers.set("Authorization", `Basic ${bytes.toBase64()}`);
  },
} satisfies Plugin<Readonly<Record<string, Login>>>;
