/** Starts a tunnel for a program in Node.js, Deno or Bun. */
import type { ChildProcess } from "node:child_process";
import type {
  TunnelEnd,
  TunnelProxy,
  TunnelStop,
} from "../client/program/tunnel.ts";
import { withJob } from "../client/program/tunnel.ts";
import type { ClientState } from "../client/state.ts";
import type { ProgramOptions } from "../client/program/tunnel_options.ts";
import { TunnelError } from "./errors.ts";
import { type Order, readLines, type Report } from "./messages.ts";
import { startInDeno } from "./runtime.ts";

/** The options of a tunnel. Plugins are files, because the tunnel is a process of its own. */
export interface TunnelOptions
  extends Omit<ProgramOptions, "plugins" | "signal"> {
  /** The plugins, in the order in which they run: paths or URLs, or either with what it runs with. */
  readonly plugins?: readonly FilePlugin[];
  /** Ends the start, or the running tunnel. */
  readonly signal?: AbortSignal;
}

/** A plugin in a file. */
export type FilePlugin =
  | string
  | URL
  | { readonly use: string | URL } & Record<string, unknown>;

/** A tunnel that carries requests. Disposing it ends it without waiting for jobs. */
export interface Tunnel extends AsyncDisposable {
  /** 32 hexadecimal digits, as the REST API has them. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** What a browser needs to use the tunnel: Playwright's option `proxy`. */
  readonly proxy: TunnelProxy;
  /** The proxy with the login inside, for `HTTPS_PROXY` and tools such as curl. */
  readonly url: string;
  /** What state it is in. */
  readonly state: ClientState;
  /** Address of the status API, if there is one. */
  readonly apiUrl: string | undefined;
  /**
   * The same for the browser of one test job.
   *
   * @throws {TypeError} When the job is not 1 to 128 visible ASCII characters without `:`.
   */
  proxyFor(job: string): TunnelProxy;
  /** Refuses new jobs, waits for the running ones, and ends the tunnel. */
  stop(options?: TunnelStop): Promise<void>;
  /** Resolves when the tunnel has ended, for any reason. Never rejects. */
  readonly closed: Promise<TunnelEnd>;
}

/**
 * Starts a tunnel; resolves when requests pass through it. It ends with the
 * program, however that ends.
 *
 * @throws {TunnelError} When options are wrong, or the tunnel cannot be created.
 * @throws {InstallationError} When npm has not installed Deno.
 */
export async function startTunnel(options: TunnelOptions): Promise<Tunnel> {
  const { signal, ...rest } = options;
  signal?.throwIfAborted();
  const child = startInDeno("src/npm/host.js", [], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const link = new ProcessLink(child);
  signal?.addEventListener("abort", () => link.send({ order: "dispose" }));
  link.send({ order: "start", options: asJson(rest) });
  return await link.ready;
}

/** Options without what JSON does not have. */
function asJson(options: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(
      options,
      (_key, value: unknown) => value instanceof URL ? value.href : value,
    ),
  );
}

/** A promise and what settles it. Node.js 20 has no `Promise.withResolvers()`. */
class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve: (value: Value) => void = () => {};
  reject: (reason: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}

/** The process of a tunnel, and what it says. */
class ProcessLink {
  readonly #child: ChildProcess;
  readonly #ready = new Deferred<Tunnel>();
  readonly #closed = new Deferred<TunnelEnd>();
  #state: ClientState = "starting";

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("error", (error) => this.#fail(error));
    child.stdin?.on("error", () => {});
    child.on("exit", (code, signal) => {
      this.#fail(
        new TunnelError({
          name: "Error",
          code: undefined,
          message: `The process of the tunnel ended with ${signal ?? code}`,
        }),
      );
    });
    void this.#read();
  }

  /** Settles when the tunnel carries requests, or never will. */
  get ready(): Promise<Tunnel> {
    return this.#ready.promise;
  }

  send(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  async #read(): Promise<void> {
    if (this.#child.stdout === null) return;
    const reports = readLines(this.#child.stdout) as AsyncGenerator<Report>;
    for await (const report of reports) this.#take(report);
  }

  #take(report: Report): void {
    switch (report.report) {
      case "ready":
        this.#state = "ready";
        return this.#ready.resolve(this.#tunnel(report));
      case "failed":
        return this.#fail(new TunnelError(report.error));
      case "state":
        this.#state = report.state;
        return;
      case "closed": {
        const { reason, error } = report;
        this.#closed.resolve(
          error === undefined
            ? { reason }
            : { reason, error: new TunnelError(error) },
        );
      }
    }
  }

  /** The first reason counts. */
  #fail(error: Error): void {
    this.#state = "stopped";
    this.#child.stdin?.end();
    this.#ready.reject(error);
    this.#closed.resolve({ reason: error.message, error });
  }

  #tunnel({ id, name, proxy, apiUrl }: Extract<Report, { report: "ready" }>) {
    const link = this.#child;
    const closed = this.#closed.promise;
    const send = (order: Order) => this.send(order);
    const state = () => this.#state;
    return {
      id,
      name,
      apiUrl,
      proxy,
      closed,
      url: urlOf(proxy),
      get state(): ClientState {
        return state();
      },
      proxyFor: (job: string) => withJob(proxy, job),
      async stop({ reason, timeout }: TunnelStop = {}): Promise<void> {
        send({
          order: "stop",
          ...reason !== undefined && { reason },
          ...timeout !== undefined && { timeout },
        });
        await closed;
      },
      async [Symbol.asyncDispose](): Promise<void> {
        send({ order: "dispose" });
        await closed;
        link.stdin?.end();
      },
    };
  }
}

/** `http://user:key@host:port` */
function urlOf({ server, username, password }: TunnelProxy): string {
  const url = new URL(server);
  url.username = username;
  url.password = password;
  return url.href;
}
