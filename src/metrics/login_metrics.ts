import { readCounter, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Where the numbers come from. */
export interface LoginNumbers {
  /** How many logins ended how. */
  readonly outcomes: () => Readonly<Record<string, number>>;
  /** How many slow hashes were computed. */
  readonly hashes: () => number;
}

/** Registers how logins went, and the work that they made. */
export function registerLogins(
  registry: Registry,
  { outcomes, hashes }: LoginNumbers,
): void {
  readCounter(registry, {
    name: "logins_total",
    help:
      "Logins at the REST API, the page and the proxy port: accepted, refused, " +
      "throttled after too many failures, busy because too many waited.",
    labels: ["outcome"],
    read: () => samplesBy("outcome", Object.entries(outcomes())),
  });
  readCounter(registry, {
    name: "key_hashes_total",
    help: "Slow hashes of access keys that were computed for logins.",
    read: hashes,
  });
}
