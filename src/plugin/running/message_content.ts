/* The content of a message as a hook reads and replaces it. */
import {
  checkedLimit,
  DEFAULT_LIMIT,
  MAX_CONTENT,
} from "../results/content.ts";
import type { NewBody } from "../api/messages.ts";
import { tooLong } from "../results/codings.ts";
import type {
  BodyPlan,
  ByteSource,
  ContentPort,
  OpenedContent,
  ReadContent,
} from "../results/outcomes.ts";
import { valueKindOf } from "../results/value_kind.ts";
import type { EditScope } from "./edit_scope.ts";

type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What a hook has assigned. */
type Replacement = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** Content that is gone: an attempt to read it says so. */
export const SENT_CONTENT: ContentPort = {
  read: () => Promise.reject(sent()),
  open: () => ({
    ...{ trailers: undefined, isStarving: false },
    pull: () => Promise.reject(sent()),
    cancel() {},
  }),
  onClose: undefined,
};

function sent(): TypeError {
  return new TypeError(
    "the content of the request has been sent, read it in the hook " +
      '"request" and keep it in "state"',
  );
}

/** The content of one message, for one hook. */
export class MessageContent {
  readonly #port: ContentPort | undefined;
  readonly #scope: EditScope;
  #whole: Promise<ReadContent> | undefined;
  #stream: ByteStream | undefined;
  #opened: OpenedContent | undefined;
  #isPulled = false;
  #trailers: readonly string[] | undefined;
  #new: Replacement | undefined;

  /** @param port `undefined` without content. */
  constructor(port: ContentPort | undefined, scope: EditScope) {
    this.#port = port;
    this.#scope = scope;
  }

  /** Names and values in turn; known at the end. */
  get trailers(): readonly string[] | undefined {
    return this.#trailers ?? this.#opened?.trailers;
  }

  /** All content, or what the hook has replaced it with. */
  async read(given: unknown = DEFAULT_LIMIT): Promise<Uint8Array<ArrayBuffer>> {
    const limit = checkedLimit(given);
    if (this.#new instanceof Uint8Array) return this.#new.slice();
    if (this.#new !== undefined || this.#isStreaming) {
      throw new TypeError('the content is read as the stream "body" already');
    }
    if (this.#port === undefined) return new Uint8Array();
    this.#scope.check();
    const whole = this.#whole ??= this.#port.read(limit);
    try {
      const { bytes, trailers } = await whole;
      if (bytes.length > limit) throw tooLong(limit);
      this.#trailers = trailers;
      // It passes on unchanged, whatever the hook does with its bytes.
      return new Uint8Array(bytes);
    } catch (thrown) {
      // A higher limit may do.
      this.#whole = undefined;
      throw thrown;
    }
  }

  /** All content as a stream, or what the hook has replaced it with. */
  get stream(): ByteStream | null {
    const content = this.#new;
    if (content instanceof Uint8Array) {
      return content.length === 0 ? null : streamOf(content);
    }
    if (content !== undefined) return content as ByteStream;
    if (this.#port === undefined) return null;
    return this.#stream ??= new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#opened?.cancel(),
    }, { highWaterMark: 0 });
  }

  /** Replaces the content. */
  replace(content: NewBody): void {
    this.#scope.check();
    if (content instanceof ReadableStream) {
      if (content === this.#stream) {
        this.#new = undefined;
        return;
      }
      if (content.locked) {
        throw new TypeError(
          '"body" is a stream that something else reads already, ' +
            "assign what pipeThrough() returns",
        );
      }
      this.#new = content;
      return;
    }
    const bytes = bytesOf(content);
    if (bytes.length > MAX_CONTENT) {
      throw new TypeError(
        `"body" has more than ${MAX_CONTENT} bytes, assign a stream`,
      );
    }
    this.#new = bytes;
  }

  /** Whether the hook has assigned something else. */
  get isReplaced(): boolean {
    return this.#new !== undefined;
  }

  /** Whether a stream of the content is in use. */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** What the hook has decided. @throws {TypeError} When it makes no sense. */
  plan(): BodyPlan | undefined {
    const content = this.#new;
    if (content instanceof Uint8Array) return { kind: "bytes", bytes: content };
    if (content !== undefined) {
      const isDerived = this.#isStreaming;
      return { kind: "stream", source: sourceOf(content), isDerived };
    }
    if (!this.#isStreaming) return undefined;
    throw new TypeError(
      'it has read "body" but assigned no other, ' +
        "assign one, or read it with text(), json() or bytes()",
    );
  }

  get #isStreaming(): boolean {
    return this.#isPulled || this.#stream?.locked === true;
  }

  async #pull(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    this.#isPulled = true;
    if (this.#whole !== undefined) {
      const { bytes } = await this.#whole;
      if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes));
      return controller.close();
    }
    this.#opened ??= this.#port?.open();
    const chunk = await this.#opened?.pull();
    if (chunk === undefined) return controller.close();
    controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
  }
}

/** What the proxy pulls out of a stream. */
export function sourceOf(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  return {
    async pull() {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        if (!(value instanceof Uint8Array)) {
          throw new TypeError(
            `the stream "body" has ${valueKindOf(value)}, ` +
              "pipe text through a TextEncoderStream",
          );
        }
        if (value.length > 0) return value;
      }
    },
    async cancel() {
      try {
        await reader.cancel();
      } catch {
        // The stream has failed before. Nobody wants its rest.
      }
    },
  };
}

function bytesOf(content: unknown): Uint8Array<ArrayBuffer> {
  if (content === null) return new Uint8Array();
  if (typeof content === "string") return new TextEncoder().encode(content);
  // Copied: the hook may go on to change its own.
  if (content instanceof Uint8Array) return new Uint8Array(content);
  if (content instanceof ArrayBuffer) return new Uint8Array(content.slice());
  throw new TypeError(
    `"body" is ${
      content === undefined ? "undefined" : valueKindOf(content)
    }, use a string, bytes, a stream of bytes, or null`,
  );
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ByteStream {
  return new ReadableStream({
    start(controller): void {
      controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}
