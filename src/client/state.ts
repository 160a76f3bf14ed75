/** What state a client is in, as a caller of the library and the status API see it. */
/** Where a client is in its life. */
export type ClientState =
  | "starting"
  | "ready"
  | "reconnecting"
  | "stopping"
  | "stopped";

/** A tunnel as the server described it, without its secrets. */
export interface TunnelInfo {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** The name that the client requested. */
  readonly name: string;
  /** Host of the tunnel server. */
  readonly host: string;
  /** The tunnel server, as `host:port`. */
  readonly server: string;
  /** The proxy that browsers use, as `host:port`; without TLS, if the server has such a one. */
  readonly proxy: string;
  /** The same one, or one that speaks TLS, as the server advises: `http://host:port` or `https://host:port`. */
  readonly proxyUrl: string;
  /** Whether the server's own CA has signed for the TLS of `proxyUrl`. Default: not known. */
  readonly proxyHasOwnCa?: boolean | undefined;
  /** The proxy port of this tunnel alone, if it has one. Browsers need no credentials there. */
  readonly dedicatedProxy?: string | undefined;
}

/** A plugin that fails, or did so a moment ago. */
export interface FailingPlugin {
  /** Its name. */
  readonly plugin: string;
  /** The call that failed: a hook, or `dispose`. */
  readonly hook: string;
  /** Why the last call failed: a sentence that names plugin, hook, file and line. */
  readonly reason: string;
  /** When the first call failed, in milliseconds since 1970. */
  readonly since: number;
  /** How many calls have failed since then. */
  readonly count: number;
  /** What happens to the requests: they fail, or pass without the plugin. */
  readonly onFailure: "fail" | "skip";
}

/** A client at one moment, in a few numbers for people. */
export interface ClientSnapshot {
  /** The state that it is in. */
  readonly state: ClientState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** The tunnel, once there is one. */
  readonly tunnel: TunnelInfo | undefined;
  /** Address of the status API, if there is one. */
  readonly apiUrl: string | undefined;
  /** Open sessions. */
  readonly sessions: number;
  /** Median round trip of the sessions in milliseconds; `undefined` before the first measurement. */
  readonly roundTripTime: number | undefined;
  /** Requests in progress. */
  readonly underWay: number;
  /** Requests that got a response since the start. */
  readonly answered: number;
  /** Bytes sent to the server on the open sessions. */
  readonly bytesSent: number;
  /** Bytes received from the server on the open sessions. */
  readonly bytesReceived: number;
  /** The last failure of a session and its time in milliseconds since 1970, if there was one. */
  readonly lastError:
    | { readonly text: string; readonly at: number }
    | undefined;
  /** Plugins that fail, or did so a moment ago. */
  readonly failingPlugins: readonly FailingPlugin[];
}
