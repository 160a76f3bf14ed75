/*
 * The worker's end: runs one PAC script until the program ends the worker.
 */
import { type RpcCall, RpcEndpoint, type RpcMessage } from "../async/rpc.ts";
import {
  type KnownAddresses,
  type MissingAddresses,
  PacEngine,
  type PacRun,
  type RunOutcome,
} from "./pac_engine.ts";

/** Where this file is: inside the compiled program, if it is one. */
export const PAC_WORKER_URL: string = import.meta.url;

/** What the program calls in the worker. Calls are carried out in their order. */
export interface PacFunctions {
  /**
   * Loads the script; comes first, and again with the addresses that it returns
   * as missing. Fails when it is broken.
   */
  load(source: string, known: KnownAddresses): MissingAddresses | undefined;
  /** Runs the script once. Fails when the engine cannot be used any more. */
  run(run: PacRun): RunOutcome;
}

/** What the worker calls in the program. */
export interface PacListener {
  /** The script has called `alert()`. */
  alert(text: string): void;
}

/** The part of a worker's `self` that is used. */
export interface PacWorkerScope {
  onmessage:
    | ((
      event: MessageEvent<readonly RpcMessage<PacFunctions, string>[]>,
    ) => void)
    | null;
  postMessage(message: object, transfer: Transferable[]): void;
}

/** Serves one script. Errors are sent as their messages. */
export function servePacWorker(scope: PacWorkerScope): void {
  let engine: PacEngine | undefined;
  const rpc = new RpcEndpoint<PacListener, PacFunctions, string>({
    post: (messages, transfer) => scope.postMessage(messages, transfer),
    serve: (call) => call.name === "load" ? load(call) : run(call),
    encodeError: messageOf,
    decodeError: (message) => new Error(message),
  });
  scope.onmessage = ({ data }) => rpc.receive(data);

  async function load(
    { args: [source, known] }: CallOf<"load">,
  ): Promise<MissingAddresses | undefined> {
    const alert = (text: string): void => rpc.notify("alert", [text]);
    const loaded = await PacEngine.load(source, alert, known);
    if (!(loaded instanceof PacEngine)) return loaded;
    engine = loaded;
    return undefined;
  }

  function run({ args: [run] }: CallOf<"run">): RunOutcome {
    if (engine === undefined) throw new TypeError("There is no script yet");
    return engine.run(run);
  }
}

type CallOf<Name> = Extract<RpcCall<PacFunctions>, { readonly name: Name }>;

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
