import { logger } from "../../log/log.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";

const log = logger("tunnel");

/** Different failures of one outage that are logged; a server that restarts shows two or three. */
const MAX_FAILURES = 5;

/**
 * Logs how the sessions of a tunnel are: one line when the first is lost, one for
 * each different reason why none can be opened, one when one is open again, and
 * one when all are. All else that happens again and again in an outage is debug.
 */
export class OutageLog {
  readonly #size: number;
  readonly #address: string;
  #active = 0;
  #hasBegun = false;
  #isLossTold = false;
  readonly #toldFailures = new Set<string>();

  /** @param size How many sessions are wanted. */
  constructor(size: number, address: Address) {
    this.#size = size;
    this.#address = formatAddress(address);
  }

  /** An attempt to open a session begins. */
  connecting(): void {
    const isNews = !this.#hasBegun;
    this.#hasBegun = true;
    write(isNews, "connecting to", { address: this.#address });
  }

  /** A session was opened; so many are open now. */
  opened(active: number): void {
    const isNews = this.#active === 0 || active === this.#size;
    this.#active = active;
    if (isNews) {
      this.#isLossTold = false;
      this.#toldFailures.clear();
    }
    write(isNews, "established connection to Sallyport server", {
      active: `${active}/${this.#size}`,
    });
  }

  /** A session was lost; so many are left. */
  lost(active: number, about: { reason: string; backoff: string }): void {
    this.#active = active;
    const isNews = !this.#isLossTold;
    this.#isLossTold = true;
    write(isNews, "connection lost", about);
  }

  /** A session could not be opened. */
  failed({ backoff, error }: { backoff: string; error: string }): void {
    const about = { address: this.#address, backoff, error };
    // As long as there is a session, requests pass.
    const level = this.#active === 0 ? "error" : "info";
    const key = `${level} ${error}`;
    const isTold = this.#toldFailures.has(key) ||
      this.#toldFailures.size >= MAX_FAILURES;
    if (!isTold) this.#toldFailures.add(key);
    log[isTold ? "debug" : level]("connect failed", about);
  }
}

function write(
  isNews: boolean,
  message: string,
  about: Readonly<Record<string, string>>,
): void {
  if (isNews) log.info(message, about);
  else log.debug(message, about);
}
