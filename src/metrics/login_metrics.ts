import { readCounter, readGauge, samplesBy } from "./read_metrics.ts";
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

/** Where the numbers of the sign-in at an identity provider are. */
export interface SignInSources {
  /** How sign-ins at the identity provider ended. */
  readonly outcomes: () => ReadonlyMap<string, number>;
  /** Sign-ins that have begun there and not ended. */
  readonly pending: () => number;
  /** Whether the provider's documents could be read. */
  readonly isUsable: () => boolean;
}

/** Registers the numbers of the sign-in at an identity provider. */
export function registerSignIns(
  registry: Registry,
  { outcomes, pending, isUsable }: SignInSources,
): void {
  readCounter(registry, {
    name: "provider_sign_ins_total",
    help: "Sign-ins at the identity provider, by how they ended.",
    labels: ["outcome"],
    read: () => samplesBy("outcome", outcomes()),
  });
  readGauge(registry, {
    name: "provider_sign_ins_pending",
    help: "Sign-ins that have begun at the identity provider and not ended.",
    read: pending,
  });
  readGauge(registry, {
    name: "provider_usable",
    help: "1 if the identity provider can be used, 0 if not.",
    read: () => isUsable() ? 1 : 0,
  });
}
