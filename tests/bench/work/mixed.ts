/**
 * A click while a download runs: what the download does to small requests.
 *
 * @module
 */
import { startLoad } from "../generate.ts";
import type { RequestLoad } from "../programs/load_spec.ts";
import type { Target, Workload } from "../workload.ts";

const MEGABYTE = 1e6;
/** Two people who click ever so often: they load nothing themselves. */
const WORKERS = 2;
const PAUSE = 5;
/** The download lasts until the requests are over, also where their generator takes long to start. */
const START = 2000;

async function measure(
  { peer, route, times, generate }: Target,
): Promise<readonly number[]> {
  const clicks: RequestLoad = {
    kind: "requests",
    route,
    ...times,
    workers: WORKERS,
    pause: PAUSE,
  };
  const idle = await generate(clicks);
  await using download = await startLoad({
    kind: "bulk",
    route,
    warmUp: times.warmUp,
    duration: START + times.warmUp + times.duration,
    streams: 1,
  }, peer);
  const busy = await generate(clicks);
  const { bytes, seconds } = await download.result();
  return [
    busy.p99 / idle.p99,
    idle.p50,
    idle.p99,
    busy.p50,
    busy.p99,
    bytes / seconds / MEGABYTE,
  ];
}

/** Small requests with and without a download beside them. */
export const MIXED: Workload = {
  name: "mixed",
  about: "small requests while one download runs, beside the same when idle",
  way: "stream",
  roundTrip: undefined,
  isFresh: false,
  columns: [
    { title: "p99 busy ÷ idle", digits: 1 },
    { title: "idle p50 ms", digits: 2 },
    { title: "idle p99 ms", digits: 2 },
    { title: "busy p50 ms", digits: 2 },
    { title: "busy p99 ms", digits: 2 },
    { title: "download MB/s", digits: 0 },
  ],
  better: "less",
  measure,
};
