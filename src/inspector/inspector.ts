/**
 * The traffic inspector: a handler whose exchanges are kept, and the pages that
 * show them.
 *
 * @module
 */
import type { Hono } from "hono";
import type { ApiEnv } from "../api/serving/serve.ts";
import type { Handler } from "../http/exchange.ts";
import { ExchangeStore } from "./record/exchange_store.ts";
import { createInspectorApp } from "./inspector_app.ts";
import { Recorder } from "./record/recorder.ts";
import { Replayer } from "./replay/replayer.ts";

/** How much the inspector keeps. */
export interface InspectorSettings {
  /** Bytes that are kept of the content of each request and each answer. Default 64 KiB. */
  readonly bodyLimit?: number;
  /** Bytes of all exchanges together; the oldest make room. Default 64 MiB. */
  readonly memoryLimit?: number;
}

/** What it needs besides. */
export interface InspectorOptions extends InspectorSettings {
  /** The client's version. */
  readonly version: string;
  /** See `InspectorAppOptions`. */
  readonly hostNames: readonly string[] | undefined;
  /** A command that sends a first request through the tunnel, once it is known. */
  readonly example?: () => string | undefined;
}

/** An inspector. Disposing it ends the replays under way. */
export interface Inspector extends AsyncDisposable {
  /** What it was made with, recorded. */
  readonly handler: Handler;
  /** The pages, to be served at `/inspector`. */
  readonly app: Hono<ApiEnv>;
}

const DEFAULT_BODY_LIMIT = 64 * 1024;
const DEFAULT_MEMORY_LIMIT = 64 * 1024 * 1024;
/** What a replay's form has besides its content: URL and fields, with room. */
const FORM_REST = 256 * 1024;
/** Each byte of content is three characters of a form at the most. */
const FORM_FACTOR = 3;

/** Makes the inspector of a handler. */
export function createInspector(
  handler: Handler,
  {
    bodyLimit = DEFAULT_BODY_LIMIT,
    memoryLimit = DEFAULT_MEMORY_LIMIT,
    version,
    hostNames,
    example = () => undefined,
  }: InspectorOptions,
): Inspector {
  const store = new ExchangeStore({ memory: memoryLimit });
  const recorder = new Recorder(handler, { store, contentLimit: bodyLimit });
  const replayer = new Replayer(recorder);
  return {
    handler: recorder.handler,
    app: createInspectorApp({
      store,
      replayer,
      version,
      hostNames,
      example,
      formLimit: FORM_FACTOR * bodyLimit + FORM_REST,
    }),
    [Symbol.asyncDispose]: () => replayer[Symbol.asyncDispose](),
  };
}
