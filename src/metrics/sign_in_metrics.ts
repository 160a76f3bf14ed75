import { readCounter, readGauge, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Where the numbers are. */
export interface SignInSources {
  /** How sign-ins at the identity provider ended. */
  readonly outcomes: () => ReadonlyMap<string, number>;
  /** Sign-ins that are under way there. */
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
    help: "Sign-ins under way at the identity provider, abandoned ones too.",
    read: pending,
  });
  readGauge(registry, {
    name: "provider_usable",
    help: "1 if the identity provider can be used, 0 if not.",
    read: () => isUsable() ? 1 : 0,
  });
}
