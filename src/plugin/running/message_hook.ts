/* Calls the hook `message` for messages that came together, one after the other. */
import type { PluginError, PluginErrorCode } from "../api/errors.ts";
import { isThenable } from "../api/maybe_promise.ts";
import type {
  SocketData,
  SocketEnd,
  SocketMessage,
} from "../api/socket_message.ts";
import {
  type BatchOutcome,
  MAX_SENT,
  type MessageBatch,
  type MessageOutcome,
  readSocketData,
  readSocketEnd,
  type SentMessage,
  tooManySent,
} from "../results/message_outcomes.ts";

/**
 * In milliseconds. After so long the first messages go on their way, and the
 * others are the next call: so each call of a hook has about its whole time
 * limit, and a slow hook does not hold up what is done.
 */
const SLICE = 5;

/** Bytes and characters of outcomes that go together, unless one alone has more. */
const MAX_TOGETHER = 1024 * 1024;

// Bound before a plugin can replace the clock.
const now = performance.now.bind(performance);

/** The hook, and how it fails. */
export interface MessageCalls {
  /** Calls it. */
  readonly run: (message: SocketMessage) => unknown;
  /** Whether the hook has called `abort()`. */
  readonly isAborted: () => boolean;
  /** An error that names the plugin. */
  readonly failureOf: (code: PluginErrorCode, cause: unknown) => PluginError;
  /** Milliseconds after which the first messages go. Default {@linkcode SLICE}. */
  readonly slice?: number;
}

/** Calls the hook for the first messages of `batch`: one at least. Never throws. */
export async function runMessageHook(
  { from, messages }: MessageBatch,
  { run, isAborted, failureOf, slice = SLICE }: MessageCalls,
): Promise<BatchOutcome> {
  const startedAt = now();
  const outcomes: MessageOutcome[] = [];
  let size = 0;
  for (const data of messages) {
    const message = new MessageView(from, data);
    try {
      const returned = run(message);
      const result = isThenable(returned) ? await returned : returned;
      if (isAborted()) break;
      const outcome = message.outcome(result);
      if ("problem" in outcome) {
        const failure = failureOf("badResult", outcome.problem);
        return { outcomes, failure, isAborted: false };
      }
      outcomes.push(outcome);
      size += message.size;
    } catch (cause) {
      if (isAborted()) break;
      const failure = failureOf("threw", cause);
      return { outcomes, failure, isAborted: false };
    }
    if (size > MAX_TOGETHER || now() - startedAt > slice) break;
  }
  return { outcomes, failure: undefined, isAborted: isAborted() };
}

/** A message while its hook runs. */
class MessageView implements SocketMessage {
  readonly from: SocketEnd;
  data: SocketData;
  readonly #original: SocketData;
  #sent: SentMessage[] | undefined;
  #isOver = false;
  #size = 0;

  constructor(from: SocketEnd, data: SocketData) {
    this.from = from;
    this.#original = data;
    // Bytes may be changed in place: whether they were is not asked.
    this.data = typeof data === "string" ? data : new Uint8Array(data);
  }

  /** Bytes and characters that leave because of it. */
  get size(): number {
    return this.#size;
  }

  send(to: SocketEnd, data: SocketData): void {
    if (this.#isOver) {
      throw new TypeError("the hook has returned: nothing can be sent");
    }
    const sent = { to: readSocketEnd(to), data: readSocketData(data) };
    const list = this.#sent ??= [];
    if (list.length >= MAX_SENT) throw tooManySent();
    list.push(sent);
    this.#size += sent.data.length;
  }

  outcome(
    result: unknown,
  ): MessageOutcome | { readonly problem: unknown } {
    this.#isOver = true;
    const sent = this.#sent;
    if (result === "drop") return { kind: "drop", sent };
    if (result !== undefined) {
      const problem = new TypeError('returns something else than "drop"');
      return { problem };
    }
    try {
      const { data } = this;
      if (data === this.#original) return { kind: "keep", sent };
      const changed = readSocketData(data);
      this.#size += changed.length;
      return { kind: "change", data: changed, sent };
    } catch (problem) {
      return { problem };
    }
  }
}
