/**
 * All workloads, in the order of the tables; those of one wire together, so
 * that the peers need not be restarted.
 *
 * @module
 */
import { bulk, bulkOverWire } from "./work/bulk.ts";
import { CONNECTIONS } from "./work/connections.ts";
import { GROWTH } from "./work/growth.ts";
import { IDLE } from "./work/idle.ts";
import { MIXED } from "./work/mixed.ts";
import { PLUGINS } from "./work/plugins.ts";
import { keepAlive, plain } from "./work/requests.ts";
import type { Workload } from "./workload.ts";

/** Everything that can be measured. */
export const WORKLOADS: readonly Workload[] = [
  bulk(1),
  bulk(8),
  keepAlive(1),
  keepAlive(32),
  keepAlive(256),
  plain(1),
  plain(32),
  plain(256),
  CONNECTIONS,
  MIXED,
  IDLE,
  ...PLUGINS,
  ...GROWTH,
  bulkOverWire(0),
  bulkOverWire(20),
  bulkOverWire(40),
  bulkOverWire(100),
];
