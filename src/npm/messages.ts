// What Node.js and the tunnel in Deno say to each other: one JSON text a line.
import type { ClientState } from "../client/state.ts";
import type { TunnelProxy } from "../client/program/tunnel.ts";

/** From the program in Node.js. The first line has the options. */
export type Order =
  | { readonly order: "start"; readonly options: Record<string, unknown> }
  | {
    readonly order: "stop";
    readonly reason?: string;
    readonly timeout?: number;
  }
  | { readonly order: "dispose" };

/** An error, as the other side throws it again. */
export interface ErrorReport {
  /** Its name: `ConfigError`. */
  readonly name: string;
  /** Its code, if it has one: `badValue`. */
  readonly code: string | undefined;
  readonly message: string;
}

/** From the tunnel. `ready` or `failed` is the first, `closed` or `failed` the last. */
export type Report =
  | {
    readonly report: "ready";
    readonly id: string;
    readonly name: string;
    /** The settings without a job. */
    readonly proxy: TunnelProxy;
    readonly apiUrl: string | undefined;
  }
  | { readonly report: "failed"; readonly error: ErrorReport }
  | { readonly report: "state"; readonly state: ClientState }
  | {
    readonly report: "closed";
    readonly reason: string;
    readonly error: ErrorReport | undefined;
  };

/** Reads lines of JSON. What is not JSON is passed over: the other side only writes such lines. */
export async function* readLines(
  input: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of input) {
    rest += typeof piece === "string"
      ? piece
      : decoder.decode(piece, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
}
