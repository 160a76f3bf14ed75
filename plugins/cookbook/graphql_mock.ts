/**
 * Responds to some operations of a GraphQL API. The others reach the site.
 *
 * ```yaml
 * plugins:
 *   - use: ./graphql_mock.ts
 *     match: { host: api.example, path: /graphql, method: POST }
 *     options:
 *       GetUser: { user: { id: 1, name: Ada } }
 * ```
 */
import type { Plugin } from "sallyport";

export default {
  async request(request, { options }) {
    const { operationName } = await request.json<{ operationName?: string }>();
    if (operationName === undefined) return;
    if (!Object.hasOwn(options, operationName)) return;
    return Response.json({ data: options[operationName] });
  },
} satisfies Plugin<Readonly<Record<string, unknown>>>;
