/* Checks the changes to content that a hook returns. */
import { isObject, valueKindOf } from "./value_kind.ts";
import type { BodyPlan, SourcePlan } from "./outcomes.ts";

const MEBIBYTE = 1024 * 1024;

/** In bytes. Pages and JSON are smaller; images and downloads are not text. */
const DEFAULT_LIMIT = MEBIBYTE;

/** In bytes. Many requests hold their text in memory at once. */
const MAX_LIMIT = 64 * MEBIBYTE;

/**
 * Checks a `BodyEdit`.
 *
 * @throws {TypeError} With the reason, when it is invalid.
 */
export function readBody(edit: unknown): BodyPlan | undefined {
  if (edit === undefined) return undefined;
  const bytes = bytesOf(edit);
  if (bytes !== undefined) return { kind: "bytes", bytes };
  if (isObject(edit)) {
    if (isFunction(edit["text"])) return textPlan(edit, edit["text"]);
    if (isFunction(edit["transform"])) return transformPlan(edit);
  }
  throw new TypeError(
    `"body" is ${valueKindOf(edit)}, use a string, a Uint8Array, ` +
      "{ text } or { transform }",
  );
}

/** The content of a `Response` that a hook made. */
export function readSource(
  body: ReadableStream<Uint8Array> | null,
): SourcePlan | undefined {
  if (body === null) return undefined;
  const reader = body.getReader();
  return {
    async pull() {
      const { value } = await reader.read();
      return value;
    },
    async cancel() {
      try {
        await reader.cancel();
      } catch {
        // The stream has failed before. Nobody wants its rest.
      }
    },
    release() {},
  };
}

function textPlan(
  edit: Readonly<Record<PropertyKey, unknown>>,
  text: (text: string) => unknown,
): BodyPlan {
  const limit = edit["limit"] ?? DEFAULT_LIMIT;
  if (typeof limit !== "number" || !(limit > 0 && limit <= MAX_LIMIT)) {
    throw new TypeError(`"limit" is ${limit}, use 1 to ${MAX_LIMIT} bytes`);
  }
  return {
    kind: "text",
    limit,
    async rewrite(before) {
      const after = await text.call(edit, before);
      if (typeof after === "string") return after;
      throw new TypeError(
        `"text" returned ${valueKindOf(after)}, return a string`,
      );
    },
    release() {},
  };
}

function transformPlan(
  edit: Readonly<Record<PropertyKey, unknown>>,
): BodyPlan {
  const { transform, flush } = edit;
  if (flush !== undefined && !isFunction(flush)) {
    throw new TypeError(`"flush" is ${valueKindOf(flush)}, make it a function`);
  }
  return {
    kind: "transform",
    transform: (chunk) => chunkOf(call(transform, chunk)),
    flush: flush && (() => chunkOf(flush.call(edit))),
    release() {},
  };

  function call(hook: unknown, chunk: Uint8Array): unknown {
    return isFunction(hook) ? hook.call(edit, chunk) : undefined;
  }
}

async function chunkOf(returned: unknown): Promise<Uint8Array | undefined> {
  const chunk = await returned;
  if (chunk === undefined || chunk instanceof Uint8Array) return chunk;
  throw new TypeError(
    `the body returned ${valueKindOf(chunk)}, return a Uint8Array or nothing`,
  );
}

function bytesOf(edit: unknown): Uint8Array | undefined {
  if (typeof edit === "string") return new TextEncoder().encode(edit);
  return edit instanceof Uint8Array ? edit : undefined;
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}
