/**
 * What is measured: a tunnel of two ends with an origin behind it.
 *
 * @module
 */
import type { Place } from "./place.ts";
import type { Route } from "./programs/route.ts";

/** A peer whose ends run. */
export interface RunningPeer {
  /** The way to the origin for bytes: a CONNECT where the peer is a proxy. */
  readonly stream: Route;
  /** The way for HTTP that every hop reads; `undefined` when the peer reads none. */
  readonly plain: Route | undefined;
  /** Process ids of the end at the browsers. */
  readonly server: readonly number[];
  /** Process ids of the end at the origin, with a proxy that runs there. */
  readonly client: readonly number[];
}

/** A tunnel that can be measured. */
export interface Peer {
  readonly name: string;
  /** One line on what runs: for those who read the table. */
  readonly about: string;
  /** Programs it takes; without one of them it is skipped. */
  readonly programs: readonly string[];
  /** The versions of what runs. */
  version(): Promise<string>;
  /** Starts both ends; whatever was started ends with `place`. */
  start(place: Place): Promise<RunningPeer>;
}
