/**
 * What the program and the worker of a PAC script say to each other. Questions
 * are answered in the order in which they came.
 *
 * @module
 */

/** One run of the script. */
export interface PacQuestion {
  readonly url: string;
  readonly host: string;
  /** What is known of the names that it asked for in earlier runs. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** The addresses of this machine, once it has asked for them. */
  readonly own: readonly string[] | undefined;
  /** In milliseconds. */
  readonly timeLimit: number;
}

/** How a run ended. */
export type PacReply =
  | { readonly kind: "answer"; readonly text: string }
  /** It needs the addresses of a name, or of this machine. `took` in milliseconds. */
  | {
    readonly kind: "missing";
    readonly name: string | undefined;
    readonly took: number;
  }
  | { readonly kind: "failed"; readonly message: string };

/** To the worker. The first one is the script. */
export type ToPacWorker =
  | { readonly kind: "load"; readonly source: string }
  | { readonly kind: "ask"; readonly question: PacQuestion };

/** From the worker. */
export type FromPacWorker =
  /** The script is loaded. */
  | { readonly kind: "loaded" }
  | { readonly kind: "reply"; readonly reply: PacReply }
  /** The engine cannot be used any more. */
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "alert"; readonly text: string };
