/*
 * Passes the messages of a WebSocket through the `message` hooks of many
 * plugins. Each sees the changes of those before it.
 */
import { CloseCode, WebSocketError } from "../../websocket/errors.ts";
import type { WebSocketMessage } from "../../websocket/messages/message.ts";
import type { Outlet, RelayOptions } from "../../websocket/relay.ts";
import { PluginError } from "../api/errors.ts";
import type { SocketData, SocketEnd } from "../api/socket_message.ts";
import type {
  BatchOutcome,
  MessageOutcome,
} from "../results/message_outcomes.ts";
import type { HookContext } from "./exchange_chain.ts";
import type { CallOptions, SupervisedPlugin } from "./supervised_plugin.ts";

/** What becomes of messages, as a relay asks for it. */
export function editMessages(
  plugins: readonly SupervisedPlugin[],
  context: HookContext,
): RelayOptions["edit"] {
  return (batch, from, outlet) =>
    new MessageChain(plugins, context, outlet).pass(batch, from, 0);
}

class MessageChain {
  readonly #plugins: readonly SupervisedPlugin[];
  readonly #outlet: Outlet;
  readonly #options: CallOptions;

  constructor(
    plugins: readonly SupervisedPlugin[],
    { id, user, job }: HookContext,
    outlet: Outlet,
  ) {
    this.#plugins = plugins;
    this.#outlet = outlet;
    const exchange = { id, user, job };
    this.#options = { hook: "message", signal: outlet.signal, exchange };
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
    const plugin = this.#plugins[index];
    if (plugin === undefined) {
      return await this.#outlet.send(other(from), messages);
    }
    if (!plugin.isEnabled) return await this.pass(messages, from, index + 1);
    let rest = messages;
    while (rest.length > 0) {
      const { outcomes, failure } = await this.#call(plugin, rest, from);
      await this.#deliver(outcomes, { messages: rest, from, index });
      rest = rest.slice(outcomes.length);
      if (failure !== undefined) throw closing(plugin, failure);
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
    plugin: SupervisedPlugin,
    messages: readonly WebSocketMessage[],
    from: SocketEnd,
  ): Promise<BatchOutcome> {
    const batch = { from, messages: messages.map(({ data }) => data) };
    let outcomes: readonly MessageOutcome[] = [];
    try {
      await plugin.run(this.#options, async (running, call) => {
        const outcome = await running.messages(batch, call);
        outcomes = outcome.outcomes;
        if (outcome.failure !== undefined) throw outcome.failure;
      });
      return { outcomes, failure: undefined };
    } catch (thrown) {
      if (thrown instanceof PluginError) return { outcomes, failure: thrown };
      throw thrown;
    }
  }
}

function withData(
  { kind, isCompressed }: WebSocketMessage,
  data: SocketData,
): WebSocketMessage {
  return { kind, data, isCompressed };
}

function other(end: SocketEnd): SocketEnd {
  return end === "browser" ? "site" : "browser";
}

/** What both ends are told. The log says more. */
function closing({ name }: SupervisedPlugin, cause: unknown): WebSocketError {
  return new WebSocketError(
    CloseCode.internalError,
    `Plugin "${name}" failed`,
    { cause },
  );
}
