/**
 * The life of a tunnel: creates it with the REST API, has the sessions opened,
 * probes that requests pass, watches the tunnel, and stops in order.
 */
import { abortable } from "../async/abortable.ts";
import { Backoff } from "../async/backoff.ts";
import type { Running } from "../async/running.ts";
import { sleep, timer } from "../async/timer.ts";
import type {
  CreatedTunnelReply,
  ServerMessages,
} from "../api/resources/tunnel_resource.ts";
import { logger } from "../log/log.ts";
import type { ConnectionManager } from "./sessions/connection_manager.ts";
import { ClientError } from "./errors.ts";
import { waitForJobs } from "./jobs.ts";
import {
  RetryAfterPolicy,
  START_RETRY_LIMIT,
} from "./rest/retry_after_policy.ts";
import type { RestClient } from "./rest/rest_client.ts";
import { expiryIn, RestError } from "./rest/rest_error.ts";
import { startErrorOf } from "./start_error.ts";
import type { ClientStatus } from "./status/status.ts";
import { tunnelInfoOf } from "./tunnel_info.ts";
import { createTunnelBody, type TunnelRequest } from "./tunnel_request.ts";

/** Options of {@linkcode Controller}. */
export interface ControllerOptions {
  readonly rest: RestClient;
  readonly status: ClientStatus;
  /** The time between heartbeats, in milliseconds. Default 10 s. */
  readonly heartbeatInterval?: number | undefined;
  /** The tunnel to create. */
  readonly request: TunnelRequest;
  /** Opens and keeps the sessions of the new tunnel. */
  readonly connect: (
    tunnel: CreatedTunnelReply,
    onEnded: (why: string) => void,
  ) => ConnectionManager;
  /** How long running jobs may take after a stop, in milliseconds. */
  readonly shutdownTimeout: number;
  /** Origin of the server's REST API. */
  readonly server: string;
}

const log = logger("control");

/** Statuses after which the tunnel is gone. */
const FINAL: ReadonlyMap<number, string> = new Map([
  [401, "the server does not know the user or the access key any more"],
  [404, "the server does not know the tunnel any more"],
]);

/** What to do when two clients have one name. */
const IN_A_POOL = "use --tunnel-pool or another name";

/** Interval between heartbeats, in milliseconds. */
const STATUS_INTERVAL = 10_000;
/** With the pauses between them: about six seconds. */
const PROBE_ATTEMPTS = 6;
/** How long the last call to a server may take that may be gone, in milliseconds. */
const DEREGISTER_TIMEOUT = 10_000;

/** One tunnel from its creation to its end. */
export class Controller implements Running {
  readonly done: Promise<void>;
  readonly #options: ControllerOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #retries = new RetryAfterPolicy(START_RETRY_LIMIT);
  #tunnel: CreatedTunnelReply | undefined;
  #manager: ConnectionManager | undefined;
  #watching: Promise<void> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  /** Pending while jobs finish on a tunnel that the server has ended. */
  #draining: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.done = this.#ended.promise;
    this.done.catch(() => {});
  }

  /**
   * Starts the tunnel; resolves when requests pass.
   *
   * @throws {ClientError} When it cannot start; nothing is left on the server.
   */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await this.#start(signal);
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw startErrorOf(cause, signal);
    }
  }

  /**
   * Refuses new jobs, waits for the running ones, and ends the tunnel.
   *
   * @param timeout How long running jobs may take, in milliseconds.
   */
  stop(
    reason: string,
    timeout: number = this.#options.shutdownTimeout,
  ): Promise<void> {
    return this.#stopped ??= this.#stop(reason, timeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort();
      this.#options.status.markStopping();
      await this.#deregister("clientClosed");
    }
    await this.#close();
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { rest, status, request, connect } = this.#options;
    log.info("please wait for 'you may start your tests' to start your tests");
    await this.#readMessages(signal);
    log.info("provisioning Sallyport", {
      server: request.server,
      name: request.tunnelName,
    });
    const tunnel = await this.#retries.run(
      () => rest.create(createTunnelBody(request), signal),
      signal,
    );
    this.#tunnel = tunnel;
    logMessages(tunnel.messages);
    const info = tunnelInfoOf(tunnel, this.#options.server);
    status.setTunnel(info);
    if (info.dedicatedProxy !== undefined) {
      log.info("dedicated proxy port: browsers need no credentials", {
        proxy: info.dedicatedProxy,
      });
    }
    log.info("Sallyport running", { id: tunnel.id });
    log.info("waiting for Sallyport server to be reachable");
    const manager = connect(tunnel, (why) => {
      this.#ending = this.#endRefused(tunnel.id, why);
    });
    this.#manager = manager;
    status.setManager(manager);
    await abortable(manager.connected, signal);
    await this.#probe(tunnel.id, signal);
    status.markReady();
    log.info("Sallyport is up, you may start your tests");
    this.#watching = this.#watch(tunnel.id);
  }

  async #readMessages(signal: AbortSignal): Promise<void> {
    const { rest, request } = this.#options;
    const query = {
      "client_version": request.version,
      "client_host": request.platform,
      "tunnel_name": request.tunnelName,
    };
    const updates = await this.#retries.run(
      () => rest.updates(query, signal).catch(unlessDenied),
      signal,
    );
    if (updates === undefined) return;
    logMessages(updates);
    const [fatal] = updates.fatal;
    if (fatal !== undefined) throw new ClientError("refused", fatal);
  }

  /** Has the server send a request through the tunnel. The server may learn of the session a moment after us. */
  async #probe(id: string, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (true) {
      try {
        const { duration } = await this.#retries.run(
          () => this.#options.rest.probe(id, signal),
          signal,
        );
        return log.debug("probe passed", {
          duration: `${Math.round(duration)}ms`,
        });
      } catch (cause) {
        if (!(cause instanceof RestError)) throw cause;
        if (cause.status !== 503 || backoff.attempts === PROBE_ATTEMPTS) {
          const message =
            `Cannot send a request through the tunnel: ${cause.message}`;
          throw new ClientError("notWorking", message, { cause });
        }
        await sleep(backoff.next(), signal);
      }
    }
  }

  /** Checks the tunnel and sends heartbeats, until the tunnel ends or we stop. */
  async #watch(id: string): Promise<void> {
    const { signal } = this.#stopping;
    const { heartbeatInterval: interval = STATUS_INTERVAL } = this.#options;
    while (!signal.aborted) {
      await sleep(interval, signal).catch(() => {});
      if (!signal.aborted) await this.#checkTunnel(id, signal);
    }
  }

  async #checkTunnel(id: string, signal: AbortSignal): Promise<void> {
    const { rest, status } = this.#options;
    try {
      const tunnel = await rest.state(id, signal);
      const { status: state, shutdown_reason: reason } = tunnel;
      if (state === "terminated" || reason !== null) {
        return this.#end(reason ?? "stopped", tunnel.replaced_by !== null);
      }
      const since = (Date.now() - status.changedAt) / 1000;
      await rest.heartbeat(id, {
        kgp_is_connected: status.isConnected,
        kgp_seconds_since_last_status_change: Math.max(0, Math.floor(since)),
      }, signal);
      status.heartbeats.succeed();
    } catch (cause) {
      if (signal.aborted) return;
      const why = cause instanceof RestError &&
        (expiryIn(cause) ?? FINAL.get(cause.status));
      if (why) return this.#end(why);
      // The tunnel works as long as its sessions do: a later check may succeed.
      status.heartbeats.fail(cause);
    }
  }

  /** The server refuses sessions. The REST API gives the shorter reason. */
  async #endRefused(id: string, refusal: string): Promise<void> {
    await this.#checkTunnel(id, this.#stopping.signal);
    this.#end(refusal);
  }

  /** The server ended the tunnel. */
  #end(why: string, isReplaced = false): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#options.status.markStopping();
    log.info("tunnel was ended by the server", { reason: why });
    this.#draining = this.#drain(
      isReplaced
        ? new ClientError("replaced", `The tunnel was ${why}; ${IN_A_POOL}`)
        : new ClientError(
          "ended",
          `The tunnel was ended by the server: ${why}`,
        ),
    );
  }

  /** The server closes the sessions when their jobs have finished; then we close too. */
  async #drain(failure: ClientError): Promise<void> {
    const manager = this.#manager;
    manager?.stopReconnecting();
    const late = Promise.withResolvers<void>();
    using _limit = timer(this.#options.shutdownTimeout, late.resolve);
    if (manager?.isBusy) await Promise.race([manager.done, late.promise]);
    await this.#close(failure);
  }

  async #stop(reason: string, timeout: number): Promise<void> {
    const { rest, status } = this.#options;
    if (this.#stopping.signal.aborted) {
      await this.#draining;
      return await this.#close();
    }
    this.#stopping.abort();
    status.markStopping();
    this.#manager?.stopReconnecting();
    const jobs = await this.#deregister(reason);
    const id = this.#tunnel?.id;
    if (id !== undefined && jobs > 0) {
      await waitForJobs(jobs, {
        count: async (signal) => (await rest.jobs(id, signal)).jobs_running,
        timeout,
      });
    }
    await this.#close();
    log.info("tunnel shut down cleanly");
  }

  /** Stops the tunnel at the server. Returns the number of running jobs. */
  async #deregister(reason: string): Promise<number> {
    const id = this.#tunnel?.id;
    if (id === undefined) return 0;
    const late = new AbortController();
    using _limit = timer(DEREGISTER_TIMEOUT, () => late.abort());
    try {
      const stopped = await new RetryAfterPolicy(DEREGISTER_TIMEOUT).run(
        () => this.#options.rest.stop(id, reason, late.signal),
        late.signal,
      );
      return stopped.jobs_running;
    } catch (cause) {
      // The tunnel has ended, or the server is gone: either way there are no new jobs.
      log.debug("failed to deregister", { cause: String(cause) });
      return 0;
    }
  }

  async #close(failure?: ClientError): Promise<void> {
    await this.#manager?.[Symbol.asyncDispose]();
    await Promise.all([this.#watching, this.#ending]);
    this.#options.status.markStopped();
    if (failure === undefined) this.#ended.resolve();
    else this.#ended.reject(failure);
  }
}

function logMessages({ warning, info }: ServerMessages): void {
  for (const message of warning) log.warn(message);
  for (const message of info) log.info(message);
}

/** A key may be for other work than reading messages. Creating the tunnel says which keys can. */
function unlessDenied(cause: unknown): undefined {
  if (cause instanceof RestError && cause.status === 403) return undefined;
  throw cause;
}
