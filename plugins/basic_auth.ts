/**
 * Logs in to protected sites, so that tests need no passwords in their URLs:
 *
 * ```yaml
 * plugins:
 *   basic_auth:
 *     staging.example: { user: tester, password: open-sesame }
 * ```
 */
import type { Plugin } from "./sallyport_plugin.d.ts";

interface Login {
  readonly user: string;
  readonly password: string;
}

const fields = new Map<string, string>();

export default {
  setup({ options, log }) {
    for (const [host, { user, password }] of Object.entries(options)) {
      const bytes = new TextEncoder().encode(`${user}:${password}`);
      fields.set(host, `Basic ${bytes.toBase64()}`);
    }
    log.info("logins", { hosts: [...fields.keys()] });
  },

  request({ url, headers }) {
    const field = fields.get(url.hostname);
    // A user who logs in by hand knows why.
    if (field === undefined || headers.has("authorization")) return;
    return { headers: { Authorization: field } };
  },
} satisfies Plugin<Readonly<Record<string, Login>>>;
