/**
 * What is measured about a peer.
 *
 * @module
 */
import type { LoadResult } from "./generate.ts";
import type { Peer, RunningPeer } from "./peer.ts";
import type { LoadSpec } from "./programs/load_spec.ts";
import type { Route } from "./programs/route.ts";

/** One number of a measurement. */
export interface Column {
  /** With its unit. */
  readonly title: string;
  /** Digits after the point. */
  readonly digits: number;
}

/** How long a load lasts, in milliseconds. */
export interface Times {
  readonly warmUp: number;
  readonly duration: number;
}

/** A peer under measurement. */
export interface Target {
  readonly peer: RunningPeer;
  /** The way that the workload takes. */
  readonly route: Route;
  readonly times: Times;
  /** Puts a load on the peer and says what came of it. */
  generate(spec: LoadSpec): Promise<LoadResult>;
}

/** Something to measure. */
export interface Workload {
  readonly name: string;
  /** What is done, for the reader of the table. */
  readonly about: string;
  /** The way it takes: bytes (a CONNECT where there is a proxy), or HTTP that every hop reads. */
  readonly way: "stream" | "plain";
  /** Milliseconds between the ends of the peer; `undefined` without a relay. */
  readonly roundTrip: number | undefined;
  /** Whether each run takes newly started ends. */
  readonly isFresh: boolean;
  /** What is compared, ours first. Without it, all peers are. */
  readonly peers?: readonly Peer[];
  /** The first is the one that peers are compared by. */
  readonly columns: readonly Column[];
  /** Whether more of the first column is better, or less. */
  readonly better: "more" | "less";
  /** Measures once; returns a number for each column. */
  measure(target: Target): Promise<readonly number[]>;
}
