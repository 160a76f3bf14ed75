import { Counter } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

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
  new Counter({
    name: `${PREFIX}logins_total`,
    help:
      "Logins at the REST API, the page and the proxy port: accepted, refused, " +
      "throttled after too many failures, busy because too many waited.",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(outcomes())) {
        this.inc({ outcome }, count);
      }
    },
  });
  new Counter({
    name: `${PREFIX}key_hashes_total`,
    help: "Slow hashes of access keys that were computed for logins.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(hashes());
    },
  });
}
