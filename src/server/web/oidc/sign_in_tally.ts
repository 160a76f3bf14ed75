import type { ProviderFault } from "./provider_error.ts";

/**
 * How a sign-in at the identity provider ended: `signed_in`, or what was wrong.
 *
 * - `unknown`: the browser has not begun it, or it took too long.
 * - `logout`, `logout_refused`: the provider said that sessions are over, and what
 *   was sent in its name and not believed.
 */
export type SignInOutcome =
  | "signed_in"
  | "unknown"
  | "logout"
  | "logout_refused"
  | ProviderFault;

/** Counts them. */
export class SignInTally {
  readonly #counts = new Map<SignInOutcome, number>();

  /** How often each happened. */
  get counts(): ReadonlyMap<SignInOutcome, number> {
    return this.#counts;
  }

  /** Counts one. */
  count(outcome: SignInOutcome): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }
}
