/* What becomes of the messages of WebSockets: as data, checked. */
import { MAX_MESSAGE } from "../../websocket/messages/message_reader.ts";
import type { PluginError } from "../api/errors.ts";
import type { SocketData, SocketEnd } from "../api/socket_message.ts";
import type { RequestData } from "./outcomes.ts";
import { isObject, valueKindOf } from "./value_kind.ts";

/** Messages that one call of a hook may send. */
export const MAX_SENT = 100;

/** Messages of one end that came together. */
export interface MessageBatch {
  /** The handshake, as the plugin left it. */
  readonly request: RequestData;
  readonly from: SocketEnd;
  readonly messages: readonly SocketData[];
}

/** A message that a hook has sent. */
export interface SentMessage {
  readonly to: SocketEnd;
  readonly data: SocketData;
}

/** What becomes of one message. */
export interface MessageOutcome {
  readonly kind: "keep" | "drop" | "change";
  /** What arrives instead, where it is changed. */
  readonly data?: SocketData;
  /** In order; `undefined` for none. */
  readonly sent?: readonly SentMessage[] | undefined;
}

/** What becomes of the first messages of a batch. */
export interface BatchOutcome<Failure = PluginError> {
  readonly outcomes: readonly MessageOutcome[];
  /** Why the hook has failed for the message after those. */
  readonly failure: Failure | undefined;
  /** Whether the hook has aborted the WebSocket instead. */
  readonly isAborted: boolean;
}

/**
 * A message as a hook leaves it. Bytes are in a buffer of their own.
 *
 * @throws {TypeError} When it cannot be sent.
 */
export function readSocketData(data: unknown): SocketData {
  if (typeof data !== "string" && !(data instanceof Uint8Array)) {
    throw new TypeError(
      `the data of a message is ${
        valueKindOf(data)
      }, use a text or a Uint8Array`,
    );
  }
  if (data.length > MAX_MESSAGE) {
    throw new TypeError(
      `a message has more than ${MAX_MESSAGE} ` +
        (typeof data === "string" ? "characters" : "bytes"),
    );
  }
  return typeof data === "string" ? data : new Uint8Array(data);
}

/** Whether it may be sent to this end. @throws {TypeError} */
export function readSocketEnd(to: unknown): SocketEnd {
  if (to === "browser" || to === "site") return to;
  throw new TypeError('a message is sent to "browser" or "site"');
}

/**
 * Checks what a worker has sent: the plugin may have got hold of its end.
 *
 * @param count How many messages it was given.
 * @throws {TypeError} When it makes no sense.
 */
export function readBatchOutcome<Failure>(
  { outcomes, failure, isAborted }: BatchOutcome<Failure>,
  count: number,
): BatchOutcome<Failure> {
  const isOver = failure !== undefined || isAborted;
  const done = outcomes.length + (isOver ? 1 : 0);
  if (!Array.isArray(outcomes) || done < 1 || done > count) {
    throw new TypeError("its worker sent outcomes of no messages");
  }
  return { outcomes: outcomes.map(readOutcome), failure, isAborted };
}

function readOutcome(value: unknown): MessageOutcome {
  if (!isObject(value)) throw new TypeError("its worker sent no outcome");
  const sent = readSent(value["sent"]);
  const { kind } = value;
  if (kind === "keep" || kind === "drop") return { kind, sent };
  return { kind: "change", data: readSocketData(value["data"]), sent };
}

function readSent(value: unknown): readonly SentMessage[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new TypeError("its worker sent no messages");
  if (value.length > MAX_SENT) throw tooManySent();
  return value.map((each) => ({
    to: readSocketEnd(each.to),
    data: readSocketData(each.data),
  }));
}

/** A hook that sends for ever would fill the memory before it returns. */
export function tooManySent(): TypeError {
  return new TypeError(`one call sends more than ${MAX_SENT} messages`);
}
