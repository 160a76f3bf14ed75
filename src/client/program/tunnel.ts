/** A running tunnel, as a program sees it. */
import type { ClientSnapshot, ClientState, TunnelInfo } from "../state.ts";
import type { AnyPlugin } from "./tunnel_options.ts";

/** A tunnel that carries requests. Disposing it ends it without waiting for jobs. */
export interface ProgramTunnel extends AsyncDisposable {
  /** 32 hexadecimal digits, as the REST API has them. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** What state it is in. */
  readonly state: ClientState;
  /** The addresses that reach it. */
  readonly info: TunnelInfo;
  /** Address of the status API, if there is one. */
  readonly apiUrl: string | undefined;
  /** Address of the debug proxy as `host:port`, if there is one. */
  readonly debugAddress: string | undefined;
  /**
   * What a browser needs to use the tunnel. Playwright takes it as its option
   * `proxy`.
   *
   * @throws {TypeError} When the job is not 1 to 128 visible ASCII characters without `:`.
   */
  proxy(choice?: ProxyChoice): TunnelProxy;
  /**
   * Adds a plugin until the result is disposed: a mock for one test. It runs
   * before all others, the newest first, so its answer is what the browser gets.
   * Requests keep the plugins that they began with; disposing waits for them.
   *
   * @throws {PluginError} When it cannot be loaded or set up. Nothing has changed then.
   */
  use(plugin: AnyPlugin): Promise<AsyncDisposable>;
  /** How it is, in a few numbers. */
  status(): ClientSnapshot;
  /**
   * The state now, and then each change of it. It ends after `stopped`. Every
   * call starts its own.
   */
  events(): AsyncIterableIterator<TunnelEvent>;
  /** Resolves when the tunnel has ended, for any reason. Never rejects. */
  readonly closed: Promise<TunnelEnd>;
  /** Refuses new jobs, waits for the running ones, and ends the tunnel. */
  stop(options?: TunnelStop): Promise<void>;
}

/** Which job a browser belongs to. */
export interface ProxyChoice {
  /** The test job. All requests of a job take the same way; plugins and log know it. */
  readonly job?: string | undefined;
}

/** Where the proxy of a tunnel is, and what it asks for. */
export interface TunnelProxy {
  /** `http://host:port`, or `https://host:port` for a proxy that speaks TLS. */
  readonly server: string;
  /** Names user, tunnel and job. */
  readonly username: string;
  /** The access key. */
  readonly password: string;
}

/** An event in the life of a tunnel. */
export interface TunnelEvent {
  /** The state that the tunnel is now in. */
  readonly state: ClientState;
}

/** How a tunnel ended. */
export interface TunnelEnd {
  /** The reason that `stop()` got, `stopped` by default; `disposed`; or what the error says. */
  readonly reason: string;
  /** Why it ended, if the program did not end it. */
  readonly error?: Error;
}

/** How to stop a tunnel. */
export interface TunnelStop {
  /** What log and server say. Default `stopped`. */
  readonly reason?: string;
  /** How long to wait for running jobs, in milliseconds. Default: the option `shutdownTimeout`. */
  readonly timeout?: number;
}

/** A job as the proxy reads it in a user name. */
const JOB = /^[!-9;-~]{1,128}$/;

/** The settings of the proxy for one job, or for none. */
export function proxySettings(
  { user, accessKey, info }: {
    readonly user: string;
    readonly accessKey: string;
    readonly info: Pick<TunnelInfo, "name" | "proxyUrl">;
  },
  { job }: ProxyChoice = {},
): TunnelProxy {
  const proxy = {
    server: info.proxyUrl,
    username: `${user}+${info.name}`,
    password: accessKey,
  };
  return job === undefined ? proxy : withJob(proxy, job);
}

/**
 * The settings without a job, for the browser of a job.
 *
 * @throws {TypeError} When the job is not 1 to 128 visible ASCII characters without `:`.
 */
export function withJob(proxy: TunnelProxy, job: string): TunnelProxy {
  if (!JOB.test(job)) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(job)} as the name of a job: ` +
        "expected 1 to 128 visible ASCII characters without a colon",
    );
  }
  return { ...proxy, username: `${proxy.username};job=${job}` };
}
