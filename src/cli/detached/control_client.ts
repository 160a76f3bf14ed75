// Talks to the tunnels of this user that run in the background.
import { fetchText, type TextResponse } from "../../client/rest/fetch_text.ts";
import type {
  BackgroundTunnel,
  RunningTunnels,
} from "../../config/running_tunnels.ts";
import type { ControlStatus } from "./control.ts";

/** A tunnel that replies. */
export interface LiveTunnel {
  readonly record: BackgroundTunnel;
  readonly status: ControlStatus;
}

/** How long a tunnel may take to reply, in milliseconds. It is on this machine. */
const REPLY_TIMEOUT = 5_000;

/** The tunnels that run. Files of those that have ended without a word are removed. */
export async function liveTunnels(
  tunnels: RunningTunnels,
): Promise<readonly LiveTunnel[]> {
  const found = await Promise.all(
    (await tunnels.list()).map(async (record) => {
      const status = await statusOf(record);
      if (status === undefined) await tunnels.remove(record);
      return status && { record, status };
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** How a tunnel is; `undefined` when it has ended. */
export async function statusOf(
  record: BackgroundTunnel,
): Promise<ControlStatus | undefined> {
  const reply = await ask(record, "GET", "/status");
  if (reply?.status !== 200) return undefined;
  try {
    return JSON.parse(reply.text);
  } catch {
    // Another program has the port of a tunnel that was killed.
    return undefined;
  }
}

/**
 * Asks a tunnel to stop.
 *
 * @param timeout How long running jobs may take, in milliseconds. Default: as the tunnel was configured.
 * @returns Whether it runs, and has heard.
 */
export async function askToStop(
  record: BackgroundTunnel,
  timeout: number | undefined,
): Promise<boolean> {
  const query = timeout === undefined ? "" : `?timeout=${timeout}`;
  return (await ask(record, "POST", `/stop${query}`))?.status === 202;
}

/** `undefined` when nobody replies. It uses a socket, because `fetch` would send the token to the proxy of the environment. */
async function ask(
  { control, token }: BackgroundTunnel,
  method: string,
  path: string,
): Promise<TextResponse | undefined> {
  try {
    return await fetchText({
      origin: `http://127.0.0.1:${control}`,
      method,
      path,
      fields: ["Authorization", `Bearer ${token}`],
      json: undefined,
      connect: ({ hostname, port }, signal) =>
        Deno.connect({ hostname, port, signal }),
      signal: AbortSignal.timeout(REPLY_TIMEOUT),
    });
  } catch {
    return undefined;
  }
}
