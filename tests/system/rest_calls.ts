/**
 * The REST API as a script calls it.
 *
 * @module
 */
import { USER } from "../testing/user.ts";
import type { ServerProgram } from "./programs.ts";

/** A call; what follows `/rest/v1/<user>/tunnels` is the path. */
export interface RestCall {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly user?: { readonly name: string; readonly key: string };
}

/** What came back. */
export interface RestAnswer {
  readonly status: number;
  readonly text: string;
  /** Seconds to wait, as the response says. */
  readonly retryAfter: string | null;
  /** The text as JSON; empty unless it is an object. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where the API is, and whom to trust. */
export type RestServer = Pick<ServerProgram, "url" | "caFile">;

/** Calls the REST API. */
export async function callRest(
  { url, caFile }: RestServer,
  { method = "GET", path, body, user = USER }: RestCall,
): Promise<RestAnswer> {
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(caFile)],
  });
  const answer = await fetch(`${url}/rest/v1/${user.name}/tunnels${path}`, {
    client,
    method,
    headers: {
      Authorization: `Basic ${btoa(`${user.name}:${user.key}`)}`,
      ...body === undefined ? {} : { "Content-Type": "application/json" },
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    retryAfter: answer.headers.get("retry-after"),
    data: tableOf(JSON.parse(text)),
  };
}

/** The ids of all tunnels of the user that are there. */
export async function listTunnels(server: RestServer): Promise<unknown> {
  return JSON.parse((await callRest(server, { path: "" })).text);
}

function tableOf(data: unknown): Readonly<Record<string, unknown>> {
  const isTable = typeof data === "object" && data !== null &&
    !Array.isArray(data);
  return isTable ? Object.fromEntries(Object.entries(data)) : {};
}
