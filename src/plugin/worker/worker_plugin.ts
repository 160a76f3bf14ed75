/*
 * A plugin in a worker of its own. When it hangs, nothing else hangs: the worker
 * is ended and another one started.
 */
import { deadline } from "../../async/timer.ts";
import type { TunnelFacts } from "../api/context.ts";
import { PluginError } from "../api/errors.ts";
import type { HookName } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { SandboxPermissions } from "../api/permissions.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import type { CheckedModule } from "../loading/module_graph.ts";
import {
  checkedRequestOutcome,
  checkedResponseOutcome,
  type TakeSource,
} from "../results/check_outcome.ts";
import { bodyOf, giveUp, reads } from "../results/change_content.ts";
import type {
  ConnectOutcome,
  RequestData,
  RequestOutcome,
  ResponseOutcome,
} from "../results/outcomes.ts";
import { readConnect, readResolve } from "../results/read_result.ts";
import {
  type BatchOutcome,
  type MessageBatch,
  readBatchOutcome,
} from "../results/message_outcomes.ts";
import { readMatch } from "../results/match_requests.ts";
import type { Call } from "../running/call.ts";
import type { LoadContext, PluginSource } from "../running/open_plugin.ts";
import { fromErrorData } from "./error_data.ts";
import type { PluginExchange } from "../running/plugin_exchange.ts";
import type { MessagesData, RunningPlugin } from "../running/running_plugin.ts";
import type {
  ExchangeSubject,
  HookReply,
  LoadedPlugin,
  WorkerFunctions,
} from "./protocol.ts";
import { WorkerLink } from "./worker_link.ts";

/** What a plugin in a worker is started with. */
export interface WorkerPluginOptions extends LoadContext {
  /** The plugin and its imports. Each new worker gets the same. */
  readonly modules: readonly CheckedModule[];
  readonly permissions: SandboxPermissions;
  /** How long loading may take, and setting up again, in milliseconds. */
  readonly loadBudget: number;
}

/** In milliseconds. A worker that does not hang responds at once, even on a busy machine. */
const PING_TIME = 1_000;

/**
 * Deno cannot end a worker that loops (denoland/deno#35657). Each one takes a
 * processor until the program ends.
 */
const MAX_HUNG = 3;

/**
 * Starts a worker and loads a plugin in it.
 *
 * @throws {PluginError} `notLoaded`, `badOptions`, `stopped`.
 */
export async function openWorkerPlugin(
  source: PluginSource,
  options: WorkerPluginOptions,
): Promise<RunningPlugin> {
  const link = new WorkerLink(source, options);
  const loaded = await waitUntilLoaded(link, options.loadBudget);
  try {
    const match = matchOf(loaded, source);
    return new WorkerPlugin(link, { loaded, match, source, options });
  } catch (thrown) {
    link.kill("it was not loaded");
    throw thrown;
  }
}

async function waitUntilLoaded(
  link: WorkerLink,
  loadBudget: number,
): Promise<LoadedPlugin> {
  try {
    return await deadline(
      link.loaded,
      loadBudget,
      () => link.kill(`loading it takes longer than ${loadBudget} ms`),
    );
  } catch (thrown) {
    link.kill("it was not loaded");
    // Why it was killed says more than that the time is up.
    throw thrown instanceof PluginError ? thrown : await failureOf(link);
  }
}

async function failureOf(link: WorkerLink): Promise<unknown> {
  try {
    return await link.loaded;
  } catch (thrown) {
    return thrown;
  }
}

/** The plugin may have got hold of the worker's end: its `match` is checked again. */
function matchOf(
  { name, match }: LoadedPlugin,
  { file }: PluginSource,
): readonly Match[] | undefined {
  try {
    return readMatch(match);
  } catch (cause) {
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${file}": its worker sent an invalid "match"`,
      { plugin: name, cause },
    );
  }
}

class WorkerPlugin implements RunningPlugin {
  readonly name: string;
  readonly hooks: ReadonlySet<HookName>;
  readonly match: readonly Match[] | undefined;
  readonly #source: PluginSource;
  readonly #options: WorkerPluginOptions;
  #link: WorkerLink;
  /** The link, once its plugin is loaded and set up. */
  #ready: Promise<WorkerLink>;
  #hung = 0;
  #lastKey = 0;
  #isPinging = false;
  /** Whether `#ready` is the current link: most calls need not wait for it. */
  #isReady = true;
  #isStarting = false;
  #isDisposed = false;

  constructor(
    link: WorkerLink,
    { loaded, match, source, options }: {
      readonly loaded: LoadedPlugin;
      readonly match: readonly Match[] | undefined;
      readonly source: PluginSource;
      readonly options: WorkerPluginOptions;
    },
  ) {
    this.name = loaded.name;
    this.hooks = new Set(loaded.hooks);
    this.match = match;
    this.#source = source;
    this.#options = options;
    this.#link = link;
    this.#ready = Promise.resolve(link);
  }

  async setup(call: Call): Promise<void> {
    await this.#call("setup", [], call);
  }

  async connect(
    target: ConnectTarget,
    call: Call,
  ): Promise<ConnectOutcome | undefined> {
    const args = [target, call.exchange] as const;
    const outcome = await this.#call("connect", [...args], call);
    return this.#readAgain("connect", () => readConnect(outcome));
  }

  async resolve(
    hostname: string,
    call: Call,
  ): Promise<readonly string[] | undefined> {
    const args = [hostname, call.exchange] as const;
    const outcome = await this.#call("resolve", [...args], call);
    return this.#readAgain("resolve", () => readResolve(outcome));
  }

  request(
    request: RequestData,
    exchange: PluginExchange,
    call: Call,
  ): Promise<RequestOutcome | undefined> {
    return this.#change("request", exchange, {
      call,
      post: (subject, link) =>
        link.rpc.call("request", [request, subject], call),
      check: checkedRequestOutcome,
    });
  }

  response(
    messages: MessagesData,
    exchange: PluginExchange,
    call: Call,
  ): Promise<ResponseOutcome | undefined> {
    return this.#change("response", exchange, {
      call,
      post: (subject, link) =>
        link.rpc.call("response", [messages, subject], call),
      check: checkedResponseOutcome,
    });
  }

  async messages(
    batch: MessageBatch,
    exchange: PluginExchange,
    call: Call,
  ): Promise<BatchOutcome> {
    const reply = await this.#callOn(async (link) => {
      const subject = this.#subjectOf(exchange, call);
      const reply = await link.rpc.call("messages", [batch, subject], call);
      link.forgetAtEnd(exchange, reply);
      return reply;
    });
    const count = batch.messages.length;
    return this.#readAgain("message", () => {
      const { failure, ...outcome } = readBatchOutcome(reply, count);
      return { ...outcome, failure: failure && fromErrorData(failure) };
    });
  }

  async tunnel(event: TunnelChange, call: Call): Promise<void> {
    await this.#call("tunnel", [event], call);
  }

  know(tunnel: TunnelFacts): void {
    this.#link.rpc.notify("know", [tunnel]);
  }

  checkLiveness(): void {
    // A starting worker has its own time limit.
    if (this.#isPinging || this.#isStarting || this.#isDisposed) return;
    void this.#ping(this.#link);
  }

  kill(): void {
    this.#isDisposed = true;
    this.#link.kill("it was stopped");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    try {
      const link = await this.#ready;
      await link.rpc.call("dispose", []);
    } finally {
      this.kill();
    }
  }

  async #call<Name extends keyof WorkerFunctions>(
    name: Name,
    args: Parameters<WorkerFunctions[Name]>,
    call: Call,
  ): Promise<ReturnType<WorkerFunctions[Name]>> {
    return await this.#callOn((link) => link.rpc.call(name, args, call));
  }

  async #callOn<T>(run: (link: WorkerLink) => Promise<T>): Promise<T> {
    const link = await this.#ready;
    try {
      return await run(link);
    } catch (thrown) {
      this.#restartIfStopped(thrown, link);
      throw thrown;
    }
  }

  /** Calls a hook that may read and replace content. */
  async #change<Outcome extends RequestOutcome | ResponseOutcome | undefined>(
    hook: HookName,
    exchange: PluginExchange,
    { call, post, check }: ExchangeCall<Outcome>,
  ): Promise<Outcome> {
    const link = this.#isReady ? this.#link : await this.#ready;
    const { content } = exchange;
    const number = content === undefined ? 0 : link.offer(content);
    let isStreaming = false;
    try {
      const reply = await post(this.#subjectOf(exchange, call, number), link);
      link.forgetAtEnd(exchange, reply);
      const outcome = check(
        reply?.outcome,
        (channel) => link.channels.receive(channel),
      );
      // Nobody waits for a hook that is late, nor for its stream.
      if (call.isAborted) giveUp(bodyOf(outcome));
      else isStreaming = reads(outcome);
      return outcome;
    } catch (thrown) {
      this.#restartIfStopped(thrown, link);
      throw this.#explained(hook, thrown);
    } finally {
      if (number !== 0) link.withdraw(number, isStreaming);
      if (isStreaming && content !== undefined) {
        content.onClose = () => link.channels.withdraw(number);
      }
    }
  }

  #explained(hook: HookName, thrown: unknown): PluginError {
    if (thrown instanceof PluginError) return thrown;
    const reason = thrown instanceof Error ? thrown.message : "";
    return new PluginError(
      "badResult",
      `Cannot run hook "${hook}" of plugin "${this.name}": ${reason}`,
      { plugin: this.name, hook, cause: thrown },
    );
  }

  #subjectOf(
    exchange: PluginExchange,
    call: Call,
    content = 0,
  ): ExchangeSubject {
    if (exchange.key === 0) exchange.key = this.#lastKey += 1;
    return { id: "", ...call.exchange, key: exchange.key, content };
  }

  /** The plugin may have got hold of the worker's end, and sent what the worker would refuse. */
  #readAgain<T>(hook: HookName, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new PluginError(
        "badResult",
        `Cannot run hook "${hook}" of plugin "${this.name}": ` +
          "its worker sent an invalid result",
        { plugin: this.name, hook, cause },
      );
    }
  }

  /** A worker that has ended by itself is replaced for later calls. */
  #restartIfStopped(thrown: unknown, link: WorkerLink): void {
    const hasEnded = thrown instanceof PluginError && thrown.code === "stopped";
    if (hasEnded && link === this.#link) this.#restart();
  }

  /** Finds out whether only one call takes long, or the worker hangs. */
  async #ping(link: WorkerLink): Promise<void> {
    this.#isPinging = true;
    try {
      await deadline(link.rpc.call("ping", []), PING_TIME);
    } catch {
      this.#hung += 1;
      link.kill("it hung and was ended");
      if (this.#hung === MAX_HUNG) this.#logTooManyHangs();
      if (link === this.#link) this.#restart();
    } finally {
      this.#isPinging = false;
    }
  }

  #logTooManyHangs(): void {
    const hint = "fix its file, and restart the program to end its loops";
    const log = this.#options.logOf(this.name);
    log.error("worker hung too often", { times: this.#hung, hint });
  }

  #restart(): void {
    if (this.#isDisposed || this.#hung >= MAX_HUNG) return;
    this.#options.logOf(this.name).warn("worker ended, starting another one");
    const options = { ...this.#options, name: this.name };
    const link = new WorkerLink(this.#source, options);
    this.#link = link;
    this.#isReady = false;
    this.#ready = this.#setUp(link, options.loadBudget);
    // Later calls get the error.
    this.#ready.catch(() => {});
  }

  async #setUp(link: WorkerLink, loadBudget: number): Promise<WorkerLink> {
    this.#isStarting = true;
    try {
      await waitUntilLoaded(link, loadBudget);
      await deadline(link.rpc.call("setup", []), loadBudget);
      this.#isReady = link === this.#link;
      return link;
    } catch (thrown) {
      link.kill("it could not be set up again");
      throw thrown;
    } finally {
      this.#isStarting = false;
    }
  }
}

/** A call of a hook that changes messages. */
interface ExchangeCall<Outcome> {
  readonly call: Call;
  readonly post: (
    subject: ExchangeSubject,
    link: WorkerLink,
  ) => Promise<HookReply | undefined>;
  readonly check: (value: unknown, take: TakeSource) => Outcome;
}
