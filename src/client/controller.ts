/**
 * The brain of the client: asks the REST API for a tunnel, has the sessions
 * opened, proves that requests pass, watches the tunnel, and stops in order.
 *
 * @module
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
import { Patience, START_PATIENCE } from "./rest/retry_after_policy.ts";
import type { RestClient } from "./rest/rest_client.ts";
import { RestError } from "./rest/rest_error.ts";
import { startErrorOf } from "./start_error.ts";
import type { ClientStatus } from "./status/status.ts";
import { tunnelInfo } from "./tunnel_info.ts";
import { createRequest, type TunnelWish } from "./tunnel_request.ts";

/** What the controller works with. */
export interface ControllerOptions {
  readonly rest: RestClient;
  readonly status: ClientStatus;
  /** What tunnel to ask for. */
  readonly wish: TunnelWish;
  /** Keeps the sessions of the tunnel that was given out. */
  readonly connect: (
    tunnel: CreatedTunnelReply,
    onEnded: (why: string) => void,
  ) => ConnectionManager;
  /** How long running jobs may take at the end, in milliseconds. */
  readonly shutdownTimeout: number;
}

const log = logger("control");

/** Answers of the server after which there is no tunnel to look after. */
const FINAL: ReadonlyMap<number, string> = new Map([
  [401, "the server does not know the user or the access key any more"],
  [404, "the server does not know the tunnel any more"],
]);

/** How often the server hears of us and we look at the tunnel, in milliseconds, unless it says otherwise. */
const STATUS_INTERVAL = 10_000;
/** With the pauses between them, about six seconds. */
const PROBE_ATTEMPTS = 6;
/** The last words to a server that may be gone. */
const GOODBYE_TIMEOUT = 10_000;

/** One tunnel from its creation to its end. */
export class Controller implements Running {
  readonly done: Promise<void>;
  readonly #options: ControllerOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #patience = new Patience(START_PATIENCE);
  #tunnel: CreatedTunnelReply | undefined;
  #manager: ConnectionManager | undefined;
  #watching: Promise<void> = Promise.resolve();
  #asking: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  /** Pending while jobs finish on a tunnel that somebody else has ended. */
  #windingUp: Promise<void> | undefined;

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

  /** Refuses new jobs, waits for those under way, and ends the tunnel. */
  stop(reason: string): Promise<void> {
    return this.#stopped ??= this.#stop(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort();
      this.#options.status.markStopping();
      await this.#goodbye("clientClosed");
    }
    await this.#close();
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { rest, status, wish, connect } = this.#options;
    log.info("please wait for 'you may start your tests' to start your tests");
    await this.#readMessages(signal);
    log.info("provisioning Sallyport", {
      server: wish.server,
      name: wish.tunnelName,
    });
    const tunnel = await this.#patience.ask(
      () => rest.create(createRequest(wish), signal),
      signal,
    );
    this.#tunnel = tunnel;
    tellMessages(tunnel.messages);
    const info = tunnelInfo(tunnel);
    status.setTunnel(info);
    if (info.dedicatedProxy !== undefined) {
      log.info("browsers need no credentials at a port of this tunnel", {
        proxy: info.dedicatedProxy,
      });
    }
    log.info("Sallyport running", { id: tunnel.id });
    log.info("waiting for Sallyport server to be reachable");
    const manager = connect(tunnel, (why) => {
      this.#asking = this.#askWhy(tunnel.id, why);
    });
    this.#manager = manager;
    status.setManager(manager);
    await abortable(manager.connected, signal);
    await this.#prove(tunnel.id, signal);
    status.markReady();
    log.info("Sallyport is up, you may start your tests");
    this.#watching = this.#watch(tunnel.id);
  }

  async #readMessages(signal: AbortSignal): Promise<void> {
    const { rest, wish } = this.#options;
    const updates = await this.#patience.ask(
      () =>
        rest.updates({
          client_version: wish.version,
          client_host: wish.platform,
          tunnel_name: wish.tunnelName,
        }, signal),
      signal,
    );
    tellMessages(updates);
    const [fatal] = updates.fatal;
    if (fatal !== undefined) throw new ClientError("refused", fatal);
  }

  /** Asks the server to send a request all the way; the server may hear of the session a moment after us. */
  async #prove(id: string, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (true) {
      try {
        const { duration } = await this.#patience.ask(
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

  /** Heartbeat and look at the tunnel, until it ends or we stop. */
  async #watch(id: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(STATUS_INTERVAL, signal).catch(() => {});
      if (!signal.aborted) await this.#look(id, signal);
    }
  }

  async #look(id: string, signal: AbortSignal): Promise<void> {
    const { rest, status } = this.#options;
    try {
      const { status: state, shutdown_reason: reason } = await rest.state(
        id,
        signal,
      );
      if (state === "terminated" || reason !== null) {
        return this.#end(reason ?? "stopped");
      }
      const since = (Date.now() - status.changedAt) / 1000;
      await rest.heartbeat(id, {
        kgp_is_connected: status.isConnected,
        kgp_seconds_since_last_status_change: Math.max(0, Math.floor(since)),
      }, signal);
    } catch (cause) {
      if (signal.aborted) return;
      const why = cause instanceof RestError && FINAL.get(cause.status);
      if (why) return this.#end(why);
      // The sessions are what counts; the next look may succeed.
      log.debug("server did not answer", { cause: String(cause) });
    }
  }

  /** The server takes no sessions any more; the REST API says why in fewer words. */
  async #askWhy(id: string, refusal: string): Promise<void> {
    await this.#look(id, this.#stopping.signal);
    this.#end(refusal);
  }

  /** Somebody else ended the tunnel. */
  #end(why: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#options.status.markStopping();
    log.info("tunnel was ended by the server", { reason: why });
    this.#windingUp = this.#windUp(why);
  }

  /** The server closes the sessions once the jobs on them have finished; so do we, then. */
  async #windUp(why: string): Promise<void> {
    const manager = this.#manager;
    manager?.retire();
    const late = Promise.withResolvers<void>();
    using _limit = timer(this.#options.shutdownTimeout, late.resolve);
    if (manager?.isBusy) await Promise.race([manager.done, late.promise]);
    const message = `The tunnel was ended by the server: ${why}`;
    await this.#close(new ClientError("ended", message));
  }

  async #stop(reason: string): Promise<void> {
    const { rest, status, shutdownTimeout } = this.#options;
    if (this.#stopping.signal.aborted) {
      await this.#windingUp;
      return await this.#close();
    }
    this.#stopping.abort();
    status.markStopping();
    this.#manager?.retire();
    const jobs = await this.#goodbye(reason);
    const id = this.#tunnel?.id;
    if (id !== undefined && jobs > 0) {
      await waitForJobs(jobs, {
        count: async (signal) => (await rest.jobs(id, signal)).jobs_running,
        timeout: shutdownTimeout,
      });
    }
    await this.#close();
    log.info("tunnel was shutdown gracefully");
  }

  /** Tells the server that no new jobs are wanted; gives the number of running ones. */
  async #goodbye(reason: string): Promise<number> {
    const id = this.#tunnel?.id;
    if (id === undefined) return 0;
    const late = new AbortController();
    using _limit = timer(GOODBYE_TIMEOUT, () => late.abort());
    try {
      const stopped = await new Patience(GOODBYE_TIMEOUT).ask(
        () => this.#options.rest.stop(id, reason, late.signal),
        late.signal,
      );
      return stopped.jobs_running;
    } catch (cause) {
      // Ended already, or the server is gone: either way it takes no new jobs.
      log.debug("server did not hear the goodbye", { cause: String(cause) });
      return 0;
    }
  }

  async #close(failure?: ClientError): Promise<void> {
    await this.#manager?.[Symbol.asyncDispose]();
    await Promise.all([this.#watching, this.#asking]);
    this.#options.status.markStopped();
    if (failure === undefined) this.#ended.resolve();
    else this.#ended.reject(failure);
  }
}

function tellMessages({ warning, info }: ServerMessages): void {
  for (const message of warning) log.warn(message);
  for (const message of info) log.info(message);
}
