/**
 * Sends an OAuth token with each request for an API. When the API rejects it
 * with 401, the plugin gets a new one and sends the request again. A test that
 * runs for hours never sees the 401.
 *
 * ```yaml
 * plugins:
 *   - use: ./oauth_refresh.ts
 *     options:
 *       host: api.example
 *       tokenUrl: https://login.example/oauth/token
 *       clientId: tests
 *       refreshToken: the-refresh-token
 *     allow: { net: [api.example, login.example] }
 * ```
 */
import type { Plugin, PluginContext } from "sallyport";

interface Options {
  readonly host: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly refreshToken: string;
}

interface State {
  readonly token: Promise<string>;
  /** What to send again. */
  readonly content: Uint8Array<ArrayBuffer> | null;
}

/** Bytes of a request that is sent again. Larger ones fail. */
const LIMIT = 8 * 1024 * 1024;

/** All requests share it. */
let token: Promise<string> | undefined;

export default {
  async request(request, context) {
    if (request.url.hostname !== context.options.host) return;
    const hasContent = request.body !== null;
    Object.assign(context.state, {
      token: token ??= newToken(context),
      content: hasContent ? await request.bytes({ limit: LIMIT }) : null,
    });
    request.headers.set("Authorization", `Bearer ${await token}`);
  },

  async response({ status }, context) {
    const { request, state } = context;
    if (status !== 401 || state.token === undefined) return;
    // Of many requests with the old token, the first one gets a new token.
    if (token === state.token) token = newToken(context);
    request.headers.set("Authorization", `Bearer ${await token}`);
    return await context.fetch(request, { body: state.content ?? null });
  },
} satisfies Plugin<Options, State>;

async function newToken(
  { fetch, options }: PluginContext<Options>,
): Promise<string> {
  try {
    const response = await fetch(options.tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: options.clientId,
        refresh_token: options.refreshToken,
      }),
    });
    if (!response.ok) throw new Error(`no token: status ${response.status}`);
    return (await response.json()).access_token;
  } catch (error) {
    token = undefined;
    throw error;
  }
}
