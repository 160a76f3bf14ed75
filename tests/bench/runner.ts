/**
 * Measures peers in turns: A B C, A B C, so that what drifts on the machine
 * drifts for all of them.
 *
 * @module
 */
import { generate, type LoadResult } from "./generate.ts";
import type { Peer, RunningPeer } from "./peer.ts";
import { Place, type Site } from "./place.ts";
import type { LoadSpec } from "./programs/load_spec.ts";
import type { Times, Workload } from "./workload.ts";

/** What a peer did in a workload. */
export interface PeerResult {
  readonly peer: string;
  /** A row for each run that worked; a number for each column. */
  readonly rows: readonly (readonly number[])[];
  /** Why other runs did not; without rows it is why there is nothing. */
  readonly trouble: string | undefined;
}

/** What all peers did in a workload. */
export interface WorkResult {
  readonly workload: Workload;
  readonly peers: readonly PeerResult[];
  /** Processor seconds per second that others spent meanwhile, for each load. */
  readonly others: readonly number[];
}

/** How to measure. */
export interface RunOptions {
  readonly runs: number;
  readonly times: Times;
  /** Waits until the machine is quiet, before each measurement. */
  readonly untilQuiet: () => Promise<void>;
  /** Told what is being done, for people who wait. */
  readonly progress: (line: string) => void;
}

interface Started {
  readonly place: Place;
  readonly ends: RunningPeer;
}

/** Peers that run, one instance each, all over the same wire. */
class Instances implements AsyncDisposable {
  readonly #site: Site;
  readonly #started = new Map<Peer, Started>();
  #roundTrip: number | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  async get(
    peer: Peer,
    { roundTrip, isFresh }: Workload,
  ): Promise<RunningPeer> {
    if (roundTrip !== this.#roundTrip) await this[Symbol.asyncDispose]();
    if (isFresh) await this.drop(peer);
    this.#roundTrip = roundTrip;
    const known = this.#started.get(peer);
    if (known !== undefined) return known.ends;
    await using stack = new AsyncDisposableStack();
    const place = stack.use(await Place.open(this.#site, roundTrip));
    const ends = await peer.start(place);
    stack.move();
    this.#started.set(peer, { place, ends });
    return ends;
  }

  /** Ends a peer that failed, or that must be new. */
  async drop(peer: Peer): Promise<void> {
    await this.#started.get(peer)?.place[Symbol.asyncDispose]();
    this.#started.delete(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of [...this.#started.keys()]) await this.drop(peer);
  }
}

/** What one peer has shown so far. */
class Findings {
  readonly rows: (readonly number[])[] = [];
  trouble: string | undefined;
}

/** Measures every peer in every workload. */
export async function measureAll(
  site: Site,
  { peers, workloads, ...options }: RunOptions & {
    readonly peers: readonly Peer[];
    readonly workloads: readonly Workload[];
  },
): Promise<WorkResult[]> {
  await using instances = new Instances(site);
  const results: WorkResult[] = [];
  for (const workload of workloads) {
    results.push(
      await measureWorkload(workload, { peers, instances, ...options }),
    );
  }
  return results;
}

async function measureWorkload(
  workload: Workload,
  { peers, instances, ...options }: RunOptions & {
    readonly peers: readonly Peer[];
    readonly instances: Instances;
  },
): Promise<WorkResult> {
  const findings = new Map(
    (workload.peers ?? peers).map((peer) => [peer, new Findings()]),
  );
  const others: number[] = [];
  for (let run = 1; run <= options.runs; run++) {
    for (const [peer, finding] of findings) {
      options.progress(`${workload.name} ${run}/${options.runs} ${peer.name}`);
      try {
        const ends = await instances.get(peer, workload);
        const row = await measureOnce(workload, ends, { ...options, others });
        if (row === undefined) finding.trouble = "does not read HTTP";
        else finding.rows.push(row);
      } catch (error) {
        finding.trouble = firstLine(error);
        await instances.drop(peer);
      }
    }
  }
  return {
    workload,
    others,
    peers: Array.from(findings, ([{ name }, finding]) => ({
      peer: name,
      rows: finding.rows,
      trouble: finding.trouble,
    })),
  };
}

/** One row, or `undefined` when the peer has no such way. */
async function measureOnce(
  workload: Workload,
  peer: RunningPeer,
  { times, untilQuiet, others }: RunOptions & { readonly others: number[] },
): Promise<readonly number[] | undefined> {
  const route = peer[workload.way];
  if (route === undefined) return undefined;
  await untilQuiet();
  return await workload.measure({
    peer,
    route,
    times,
    async generate(spec: LoadSpec): Promise<LoadResult> {
      const result = await generate(spec, peer);
      others.push(result.others);
      return result;
    },
  });
}

/** What a table has room for. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}
