/**
 * `sallyport/wdio`: a service of WebdriverIO that puts a tunnel around its tests.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  proxyAround,
  recordsOf,
  startAroundTests,
  trusted,
} from "./around_tests.ts";
import { jobName } from "./job_names.ts";
import { type Relay, startRelay } from "./relay.ts";
import type { NodeTunnel, NodeTunnelOptions } from "./start_tunnel.ts";

/** What the service needs: options of the tunnel, and of its own. */
export interface TunnelServiceOptions extends NodeTunnelOptions {
  /** The folder for the requests of failed tests, as HAR files. Default: none. */
  readonly harDir?: string;
}

/** The part of the capabilities that is set. */
interface WithProxy {
  proxy?: unknown;
}

/**
 * The service. WebdriverIO makes one in its launcher, which starts the tunnel,
 * and one in each worker. There it starts a proxy on the worker's machine, which
 * logs in: browsers of WebDriver send no credentials to a proxy. Each test is a
 * job of its own.
 */
export class TunnelService {
  readonly #options: TunnelServiceOptions;
  #tunnel: NodeTunnel | undefined;
  #relay: Relay | undefined;
  #job = "";

  /** @param options What stands beside the class in the configuration. */
  constructor(options: TunnelServiceOptions) {
    this.#options = options;
  }

  /** In the launcher, before all workers. */
  async onPrepare(): Promise<void> {
    const { harDir: _, ...options } = this.#options;
    this.#tunnel = await startAroundTests(options);
  }

  /** In the launcher, after all workers. */
  async onComplete(): Promise<void> {
    await this.#tunnel?.stop({ reason: "the tests have ended", timeout: 0 });
  }

  /** In a worker, before its browser starts. */
  async beforeSession(
    _config: unknown,
    capabilities: WithProxy,
  ): Promise<void> {
    this.#relay = await startRelay(proxyAround(), { ca: trusted() });
    capabilities.proxy = {
      proxyType: "manual",
      httpProxy: this.#relay.address,
      sslProxy: this.#relay.address,
      // Chromium asks no proxy for loopback addresses by default.
      noProxy: ["<-loopback>"],
    };
  }

  /** Each test gets a job. */
  beforeTest(
    { parent = "", title }: {
      readonly parent?: string;
      readonly title: string;
    },
  ): void {
    this.#job = jobName(`${parent} ${title}`);
    this.#relay?.setJob(this.#job);
  }

  /** A test that has failed says what the tunnel says. */
  async afterTest(
    _test: unknown,
    _context: unknown,
    { error }: { readonly error?: unknown },
  ): Promise<void> {
    if (error === undefined || error === null) return;
    if (error instanceof Error) this.#explain(error);
    const { harDir } = this.#options;
    const records = harDir === undefined
      ? undefined
      : await recordsOf(this.#job);
    if (harDir === undefined || records === undefined) return;
    mkdirSync(harDir, { recursive: true });
    writeFileSync(join(harDir, `${this.#job}.har`), records);
  }

  /** In a worker, after its browser has ended. */
  async afterSession(): Promise<void> {
    await this.#relay?.[Symbol.asyncDispose]();
  }

  #explain(error: Error): void {
    const failures = this.#relay?.failures ?? [];
    if (failures.length === 0) return;
    const { message, stack } = error;
    const lines = failures.map(({ request, sentence }) =>
      `${request}: ${sentence}`
    );
    error.message = `${lines.join("\n")}\n\n${message}`;
    error.stack = stack?.replace(message, () => error.message) ?? error.message;
  }
}
