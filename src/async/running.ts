/**
 * The one shape of everything that runs for a while: servers, sessions, tunnels.
 *
 * An aborted signal asks work to stop; disposing waits until it has.
 */

/** A part that is running until it is disposed. The caller that started it disposes it. */
export interface Running extends AsyncDisposable {
  /** Settles when the part has stopped; rejects if it stopped by failing. */
  readonly done: Promise<void>;
}
