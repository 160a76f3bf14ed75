/**
 * The worker's end: runs one PAC script, question after question, until it is
 * ended from outside.
 *
 * @module
 */
import { PacEngine } from "./pac_engine.ts";
import type { FromPacWorker, ToPacWorker } from "./wire.ts";

/** Where this file is: inside the compiled program, if it is one. */
export const PAC_WORKER_URL: string = import.meta.url;

/** What `self` is in a worker, as far as it is needed. */
export interface PacPort {
  onmessage: ((event: MessageEvent<ToPacWorker>) => void) | null;
  postMessage(message: FromPacWorker): void;
}

/** Takes the script as the first message, then questions. */
export function servePac(port: PacPort): void {
  let loading: Promise<PacEngine> | undefined;
  port.onmessage = async ({ data }) => {
    try {
      if (data.kind === "load") {
        loading = PacEngine.load(
          data.source,
          (text) => port.postMessage({ kind: "alert", text }),
        );
        await loading;
        return port.postMessage({ kind: "loaded" });
      }
      const reply = (await loading)?.ask(data.question);
      if (reply !== undefined) port.postMessage({ kind: "reply", reply });
    } catch (cause) {
      port.postMessage({ kind: "broken", message: messageOf(cause) });
    }
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
