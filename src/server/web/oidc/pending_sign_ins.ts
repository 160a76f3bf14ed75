/**
 * Sign-ins that are under way at the identity provider. Anybody can begin one, so
 * their number is bounded, and an address with many loses its own oldest. Each
 * belongs to one browser, ends once, and does not last long.
 */
import type { FairMap } from "../../../async/fair_map.ts";
import { networkOf } from "../../../net/address/network_of.ts";
import { generateSecret, SecretHash } from "../../accounts/secret.ts";
import { SharedTables } from "../../accounts/shared_tables.ts";
import type { SignInChecks } from "./provider.ts";

/** How long a person may take at the provider, in milliseconds. */
export const SIGN_IN_TIME: number = 10 * 60 * 1000;
/** Sign-ins under way, less than a KB each. */
const MAX_PENDING = 2_000;
/** Those of one IPv4 address or IPv6 /64: an office behind one address in the morning. */
const MAX_OF_NETWORK = 200;
const SECRET = /^[\w-]{43}$/;

/** A sign-in under way. */
export interface PendingSignIn extends SignInChecks {
  /** Where the provider sends the browser. */
  readonly redirectUri: string;
  /** Path of the page to go to afterwards. */
  readonly next: string;
}

interface StoredSignIn extends PendingSignIn {
  readonly browser: SecretHash;
  readonly since: number;
}

/** The sign-ins under way. */
export class PendingSignIns {
  /** By state. */
  readonly #pending: FairMap<StoredSignIn>;
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number, shares: SharedTables = new SharedTables()) {
    this.#now = now;
    this.#pending = shares.table("pending_sign_ins", {
      maxEntries: MAX_PENDING,
      maxOfUser: MAX_OF_NETWORK,
    });
  }

  /** How many there are, those that took too long included. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Begins one.
   *
   * @param cookie What the browser has from an earlier one, if it has.
   * @returns The sign-in, and the cookie for the browser.
   */
  begin(
    { redirectUri, next, address, cookie = "" }: {
      readonly redirectUri: string;
      readonly next: string;
      readonly address: string;
      readonly cookie?: string | undefined;
    },
  ): { readonly signIn: PendingSignIn; readonly cookie: string } {
    if (this.size >= MAX_PENDING) this.#deleteLate();
    // One browser may have several windows.
    const secret = SECRET.test(cookie) ? cookie : generateSecret();
    const signIn = {
      ...{ redirectUri, next },
      state: generateSecret(),
      nonce: generateSecret(),
      verifier: generateSecret(),
    };
    const network = networkOf(address);
    this.#pending.set(signIn.state, {
      ...signIn,
      browser: new SecretHash(secret),
      since: this.#now(),
    }, { organization: network, user: network });
    return { signIn, cookie: secret };
  }

  /** Ends the one with this state, if it belongs to the browser and did not take too long. */
  end(state: string, cookie: string | undefined): PendingSignIn | undefined {
    const signIn = this.#pending.get(state);
    if (!signIn?.browser.matches(cookie ?? "")) return undefined;
    this.#pending.delete(state);
    return this.#isLate(signIn) ? undefined : signIn;
  }

  #isLate({ since }: StoredSignIn): boolean {
    return this.#now() - since >= SIGN_IN_TIME;
  }

  #deleteLate(): void {
    for (const [state, signIn] of this.#pending) {
      if (this.#isLate(signIn)) this.#pending.delete(state);
    }
  }
}
