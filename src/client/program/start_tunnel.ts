/** Starts a tunnel for a program. */
import { ChangeEmitter } from "../../async/change_feed.ts";
import { ConfigError } from "../../config/errors.ts";
import { formatAddress } from "../../net/address/address.ts";
import { type Client, startClient } from "../client.ts";
import type { ClientSnapshot, ClientState, TunnelInfo } from "../state.ts";
import { iterate } from "./event_queue.ts";
import { programPlugin } from "./plugin_uses.ts";
import { readTunnelOptions } from "./read_tunnel_options.ts";
import {
  type ProgramTunnel,
  type ProxyChoice,
  proxySettings,
  type TunnelEnd,
  type TunnelEvent,
  type TunnelProxy,
  type TunnelStop,
} from "./tunnel.ts";
import type { AnyPlugin, ProgramOptions } from "./tunnel_options.ts";

/**
 * Starts a tunnel; resolves when requests pass through it.
 *
 * @throws {ConfigError} When options are wrong, with a line for each mistake. Nothing has started then.
 * @throws {PluginError} `noSandbox` before anything starts, when the program lacks the setting; another code when a plugin cannot be loaded or set up.
 * @throws {PacError} When the PAC is broken.
 * @throws {ListenError} When the address of the status API or the debug proxy is taken.
 * @throws {ClientError} When the tunnel cannot be created; nothing is left of it on the server.
 */
export async function startTunnel(
  options: ProgramOptions,
): Promise<ProgramTunnel> {
  const checked = await readTunnelOptions(options);
  const states = new ChangeEmitter<TunnelEvent>();
  let status: (() => ClientSnapshot) | undefined;
  const client = await startClient({
    ...checked,
    onEvent: (event) => states.publish(event),
    onStatus: (read) => status = read,
  });
  if (status === undefined) throw new TypeError("The client has no status");
  const { user, accessKey } = options;
  return new RunningTunnel(client, { states, status, user, accessKey });
}

/** What a tunnel knows besides its client. */
interface TunnelParts {
  readonly states: ChangeEmitter<TunnelEvent>;
  readonly status: () => ClientSnapshot;
  readonly user: string;
  readonly accessKey: string;
}

class RunningTunnel implements ProgramTunnel {
  readonly closed: Promise<TunnelEnd>;
  readonly #client: Client;
  readonly #parts: TunnelParts;
  #reason: string | undefined;

  constructor(client: Client, parts: TunnelParts) {
    this.#client = client;
    this.#parts = parts;
    this.closed = this.#end();
  }

  get id(): string {
    return this.info.id;
  }

  get name(): string {
    return this.info.name;
  }

  get state(): ClientState {
    return this.status().state;
  }

  get info(): TunnelInfo {
    return this.#client.tunnel;
  }

  get apiUrl(): string | undefined {
    return this.#client.apiUrl;
  }

  get debugAddress(): string | undefined {
    const { debugAddress } = this.#client;
    return debugAddress && formatAddress(debugAddress);
  }

  proxy(choice?: ProxyChoice): TunnelProxy {
    const { user, accessKey } = this.#parts;
    return proxySettings({ user, accessKey, info: this.info }, choice);
  }

  async use(plugin: AnyPlugin): Promise<AsyncDisposable> {
    return await this.#client.use(programPlugin(plugin, "plugin"));
  }

  status(): ClientSnapshot {
    return this.#parts.status();
  }

  events(): AsyncIterableIterator<TunnelEvent> {
    return iterate(this.#parts.states, {
      first: { state: this.state },
      isLast: ({ state }) => state === "stopped",
    });
  }

  async stop(
    { reason = "stopped", timeout }: TunnelStop = {},
  ): Promise<void> {
    const isTime = timeout === undefined || timeout >= 0;
    if (!isTime) {
      throw new ConfigError(
        "badValue",
        `Cannot use ${timeout} as timeout: expected milliseconds, 0 or more`,
      );
    }
    this.#reason ??= reason;
    await this.#client.stop(reason, timeout);
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reason ??= "disposed";
    await this.#client[Symbol.asyncDispose]();
    await this.closed;
  }

  /** Ends what is left when the tunnel has ended: nobody else may do so. */
  async #end(): Promise<TunnelEnd> {
    let end: TunnelEnd;
    try {
      await this.#client.done;
      end = { reason: this.#reason ?? "stopped" };
    } catch (thrown) {
      end = endOf(thrown);
    }
    try {
      await this.#client[Symbol.asyncDispose]();
      return end;
    } catch (thrown) {
      return end.error === undefined ? endOf(thrown) : end;
    }
  }
}

function endOf(thrown: unknown): TunnelEnd {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { reason: error.message, error };
}
