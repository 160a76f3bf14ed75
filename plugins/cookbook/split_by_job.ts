/**
 * Sends the requests of some test jobs to another server, under the same name:
 * a new version beside the old one.
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/split_by_job.ts
 *     options:
 *       host: shop.example
 *       jobs:
 *         canary-: { hostname: 10.0.0.5, port: 8443 }
 * ```
 *
 * A job belongs to the first entry that its id begins with. Browsers see the
 * same host and the same certificate name.
 */
import type { Plugin } from "sallyport";

interface Options {
  readonly host: string;
  /** Servers by the beginning of the job. */
  readonly jobs: Readonly<
    Record<string, { readonly hostname: string; readonly port?: number }>
  >;
}

export default {
  connect({ hostname }, { job, options: { host, jobs } }) {
    if (hostname !== host || job === undefined) return;
    const begins = Object.keys(jobs).find((prefix) => job.startsWith(prefix));
    if (begins !== undefined) return jobs[begins];
  },
} satisfies Plugin<Options>;
