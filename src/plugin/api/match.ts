/**
 * Which requests the `request` and `response` hooks of a plugin get. Every part
 * that is there must match; of a list, one pattern. Parts are compared with the
 * request as the browser sent it, before the edits of plugins.
 *
 * In a pattern `*` stands for any text, also none. In a path `:name` stands for
 * one whole segment: `/users/:id`.
 */
export interface Match {
  /** Host names without a port; case does not count: `*.shop.test`. */
  readonly host?: string | readonly string[];
  /** Paths without the query: `/api/*`. */
  readonly path?: string | readonly string[];
  /** Methods; case counts (RFC 9110 §9.1). */
  readonly method?: string | readonly string[];
  /** Test jobs. A request without a job matches no pattern. */
  readonly job?: string | readonly string[];
}
