/*
 * The control of a tunnel in the background, on a port of this machine. It asks
 * for a token that only the user's file has.
 */
import { isSameSecret } from "../../api/serving/same_secret.ts";
import {
  serveApp,
  type ServeBindings,
  type WebApp,
} from "../../api/serving/serve.ts";
import type { ClientSnapshot } from "../../client/state.ts";
import { ConnectionLimits } from "../../net/listen/connection_limits.ts";

/** How a tunnel is, as `sallyport status --json` prints it. */
export interface ControlStatus extends
  Pick<
    ClientSnapshot,
    "state" | "sessions" | "answered" | "underWay" | "apiUrl"
  > {
  /** Since when it is in this state, as RFC 3339 says it. */
  readonly stateSince: string;
  /** Milliseconds. */
  readonly roundTripTime: number | undefined;
  readonly lastError: string | undefined;
  readonly failingPlugins: readonly string[];
}

/** What a control is for. */
export interface ControlOptions {
  readonly token: string;
  readonly read: () => ClientSnapshot;
  /** Called by `sallyport stop`. @param timeout How long running jobs may take, in milliseconds. Default: as configured. */
  readonly stop: (timeout: number | undefined) => void;
}

/** A control that listens. */
export interface Control extends AsyncDisposable {
  readonly port: number;
}

/** Connections at the same time: a person and a few scripts. */
const MAX_CONNECTIONS = 32;
/** How long a connection may wait for its next request, in milliseconds. */
const IDLE_TIMEOUT = 10_000;

/** Serves it. @throws {ListenError} When the machine has no port left. */
export function serveControl(options: ControlOptions): Control {
  const served = serveApp(
    controlApp(options),
    { hostname: "127.0.0.1", port: 0 },
    {
      idleTimeout: IDLE_TIMEOUT,
      port: "control",
      limits: new ConnectionLimits({ max: MAX_CONNECTIONS }),
    },
  );
  return {
    port: served.port,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

function controlApp({ token, read, stop }: ControlOptions): WebApp {
  return {
    fetch(request: Request, { admit }: ServeBindings): Response {
      const given = request.headers.get("authorization") ?? "";
      if (!isSameSecret(given, `Bearer ${token}`)) {
        return new Response(null, { status: 401 });
      }
      admit?.();
      const { pathname, searchParams } = new URL(request.url);
      switch (`${request.method} ${pathname}`) {
        case "GET /status":
          return Response.json(statusOf(read()));
        case "POST /stop": {
          const text = searchParams.get("timeout");
          const timeout = text === null ? undefined : Number(text);
          if (timeout !== undefined && !(timeout >= 0)) {
            return new Response(null, { status: 400 });
          }
          stop(timeout);
          return new Response(null, { status: 202 });
        }
        default:
          return new Response(null, { status: 404 });
      }
    },
  };
}

function statusOf(snapshot: ClientSnapshot): ControlStatus {
  const { state, sessions, answered, underWay, apiUrl } = snapshot;
  return {
    ...{ state, sessions, answered, underWay, apiUrl },
    stateSince: new Date(snapshot.since).toISOString(),
    roundTripTime: snapshot.roundTripTime,
    lastError: snapshot.lastError?.text,
    failingPlugins: snapshot.failingPlugins.map(({ reason }) => reason),
  };
}
