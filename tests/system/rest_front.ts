/**
 * What stands before a server in a data centre: takes the REST calls of
 * clients, passes them on, and names another port for their sessions. So a
 * test gets between a client and its server.
 *
 * @module
 */
import { createTestAuthority } from "../testing/certs.ts";
import { temporaryDirectory } from "./programs.ts";
import type { RestServer } from "./rest_calls.ts";

/** A running front. */
export interface RestFront extends AsyncDisposable {
  /** Origin of the REST API. */
  readonly url: string;
  /** Path of the authorities of server and front. */
  readonly caFile: string;
}

/** What a front does. */
export interface RestFrontOptions {
  /** Where clients are sent, on this machine. */
  readonly tunnelPort: number;
  /** What it responds itself, in place of the server. Default: nothing. */
  readonly answer?: (path: string) => Response | undefined;
}

/** Starts a front of `server`. */
export async function startRestFront(
  server: RestServer,
  { tunnelPort, answer: answerOf = () => undefined }: RestFrontOptions,
): Promise<RestFront> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory());
  const authority = await createTestAuthority();
  const serverCa = await Deno.readTextFile(server.caFile);
  const caFile = `${path}/authorities.pem`;
  await Deno.writeTextFile(caFile, `${authority.ca}\n${serverCa}`);
  const client = stack.use(Deno.createHttpClient({ caCerts: [serverCa] }));
  const listener = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      ...await authority.issue(["127.0.0.1"]),
    },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const own = answerOf(pathname);
      if (own !== undefined) return own;
      const answer = await fetch(`${server.url}${pathname}${search}`, {
        client,
        method: request.method,
        headers: request.headers,
        body: request.method === "POST" ? await request.text() : null,
      });
      const text = (await answer.text())
        .replace(/"tunnel_port":\d+/, `"tunnel_port":${tunnelPort}`);
      return new Response(text, {
        status: answer.status,
        headers: { "Content-Type": "application/json" },
      });
    },
  );
  stack.defer(() => listener.shutdown());
  const parts = stack.move();
  return {
    url: `https://127.0.0.1:${listener.addr.port}`,
    caFile,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** What a server says that has no time now. */
export function unavailable(): Response {
  const fields = { "Retry-After": "1" };
  const error = "The front is busy";
  return Response.json({ error }, { status: 503, headers: fields });
}
