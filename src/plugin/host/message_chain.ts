/*
 * Passes the messages of a WebSocket through the `message` hooks of many
 * plugins. Each sees the changes of those before it.
 */
import { CloseCode, WebSocketError } from "../../websocket/errors.ts";
import type { WebSocketMessage } from "../../websocket/messages/message.ts";
import type { Outlet, RelayOptions } from "../../websocket/relay.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import type { SocketData, SocketEnd } from "../api/socket_message.ts";
import type {
  BatchOutcome,
  MessageOutcome,
} from "../results/message_outcomes.ts";
import type { Socket, SocketStep } from "./exchange_chain.ts";
import type { CallOptions, SupervisedPlugin } from "./supervised_plugin.ts";

/** What becomes of messages, as a relay asks for it. */
export function editMessages(
  socket: Socket,
): RelayOptions["edit"] {
  return (batch, from, outlet) =>
    new MessageChain(socket, outlet).pass(batch, from, 0);
}

class MessageChain {
  readonly #steps: readonly SocketStep[];
  readonly #outlet: Outlet;
  readonly #options: CallOptions;

  constructor({ steps, subject }: Socket, outlet: Outlet) {
    this.#steps = steps;
    this.#outlet = outlet;
    const { signal } = outlet;
    this.#options = { hook: "message", signal, exchange: subject };
  }

  /**
   * Passes messages through the plugins from `index` on. What a plugin is done
   * with leaves before it gets more.
   */
  async pass(
    messages: readonly WebSocketMessage[],
    from: SocketEnd,
    index: number,
  ): Promise<void> {
    if (messages.length === 0) return;
    const step = this.#steps[index];
    if (step === undefined) {
      return await this.#outlet.send(other(from), messages);
    }
    let rest = messages;
    while (rest.length > 0) {
      const { outcomes, failure, isAborted } = await this.#call(
        ...[step, rest, from] as const,
      );
      await this.#deliver(outcomes, { messages: rest, from, index });
      rest = rest.slice(outcomes.length);
      if (isAborted) throw this.#aborted(step.plugin);
      if (failure === undefined) continue;
      const { plugin } = step;
      if (!plugin.skips(this.#options, failure)) throw closing(plugin, failure);
      // After a lost call nobody knows which message it was: all that were in it.
      const isLost = outcomes.length === 0 && LOST.has(failure.code);
      const skipped = isLost ? rest : rest.slice(0, 1);
      await this.pass(skipped, from, index + 1);
      rest = rest.slice(skipped.length);
    }
  }

  async #deliver(
    outcomes: readonly MessageOutcome[],
    { messages, from, index }: {
      readonly messages: readonly WebSocketMessage[];
      readonly from: SocketEnd;
      readonly index: number;
    },
  ): Promise<void> {
    let kept: WebSocketMessage[] = [];
    for (const [at, { kind, data, sent }] of outcomes.entries()) {
      const message = messages[at];
      if (message === undefined) continue;
      for (const { to, data } of sent ?? []) {
        await this.pass(kept, from, index + 1);
        kept = [];
        await this.#outlet.send(to, [withData(message, data)]);
      }
      if (kind === "keep") kept.push(message);
      else if (data !== undefined) kept.push(withData(message, data));
    }
    await this.pass(kept, from, index + 1);
  }

  /** A failure is logged and counted, and stands in the outcome. */
  async #call(
    { plugin, exchange, request }: SocketStep,
    messages: readonly WebSocketMessage[],
    from: SocketEnd,
  ): Promise<BatchOutcome> {
    const batch = { request, from, messages: messages.map(({ data }) => data) };
    let outcome: BatchOutcome = NOTHING_DONE;
    try {
      await plugin.run(this.#options, async (running, call) => {
        outcome = await running.messages(batch, exchange, call);
        if (outcome.failure !== undefined) throw outcome.failure;
      });
    } catch (thrown) {
      if (!(thrown instanceof PluginError)) throw thrown;
      return { ...outcome, failure: thrown };
    }
    return outcome;
  }

  /** It is not a `WebSocketError`: both connections are cut. */
  #aborted(plugin: SupervisedPlugin): Error {
    const { hook, exchange } = this.#options;
    const why = "it aborts the WebSocket";
    plugin.editsOf(exchange?.id)?.stopped(plugin.name, hook, why);
    return new Error(`Plugin "${plugin.name}" aborts the WebSocket`);
  }
}

const NOTHING_DONE: BatchOutcome = {
  ...{ outcomes: [], failure: undefined, isAborted: false },
};

/** Failures that say nothing about the messages of the call. */
const LOST: ReadonlySet<PluginErrorCode> = new Set(["timedOut", "stopped"]);

function withData(
  { kind, isCompressed }: WebSocketMessage,
  data: SocketData,
): WebSocketMessage {
  return { kind, data, isCompressed };
}

function other(end: SocketEnd): SocketEnd {
  return end === "browser" ? "site" : "browser";
}

/** What both ends see. The log says more. */
function closing({ name }: SupervisedPlugin, cause: unknown): WebSocketError {
  return new WebSocketError(
    CloseCode.internalError,
    `Plugin "${name}" failed`,
    { cause },
  );
}
