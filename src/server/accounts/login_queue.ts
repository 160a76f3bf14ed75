/**
 * Where logins wait whose network compares as many keys at the moment as it may
 * get wrong: guesses at the same time are no more than guesses one after the
 * other.
 *
 * @module
 */
import type {
  FailureLimits,
  LoginAttempt,
} from "../../api/serving/failure_limits.ts";
import { KeyedCounter } from "../../async/keyed_counter.ts";
import { LinesByKey } from "../../async/lines_by_key.ts";

/** Logins of one network that wait; a test farm behind one address may begin with as many. */
const MAX_OF_NETWORK = 1024;
/** Logins of all networks that wait; the network with the most gives way. */
const MAX_WAITING = 4096;

/** What becomes of a login: it may compare its key until the result is disposed; it has failed too often; or too many wait. */
export type Turn = Disposable | "throttled" | "busy";

interface Waiting {
  readonly asker: LoginAttempt;
  end(turn: Turn): void;
}

/** The line. */
export class LoginQueue {
  readonly #limits: Pick<FailureLimits, "mayFail">;
  readonly #comparing = new KeyedCounter();
  readonly #waiting = new LinesByKey<Waiting>(MAX_WAITING);

  constructor(limits: Pick<FailureLimits, "mayFail">) {
    this.#limits = limits;
  }

  /** Waits until the login may compare its key. An aborted `signal` ends the wait with `busy`. */
  enter(asker: LoginAttempt, signal?: AbortSignal): Turn | Promise<Turn> {
    const turn = this.#admit(asker);
    if (turn !== "wait") return turn;
    const { network } = asker;
    if (this.#waiting.of(network).size >= MAX_OF_NETWORK) return "throttled";
    if (signal?.aborted) return "busy";
    const { promise, resolve } = Promise.withResolvers<Turn>();
    const leave = () => {
      this.#waiting.delete(network, waiting);
      waiting.end("busy");
    };
    const waiting: Waiting = {
      asker,
      end(turn) {
        signal?.removeEventListener("abort", leave);
        resolve(turn);
      },
    };
    signal?.addEventListener("abort", leave);
    this.#waiting.add(network, waiting)?.end("busy");
    return promise;
  }

  #admit(asker: LoginAttempt): Turn | "wait" {
    if (!this.#limits.mayFail(asker)) return "throttled";
    const { network, login } = asker;
    const pending = {
      ofNetwork: this.#comparing.of(network),
      ofLogin: this.#comparing.of(login),
    };
    if (!this.#limits.mayFail(asker, pending)) return "wait";
    const comparing = this.#comparing.enter(network, login);
    return {
      [Symbol.dispose]: () => {
        comparing[Symbol.dispose]();
        this.#advance(network);
      },
    };
  }

  /** A login of this network has ended: others may begin, or know that they failed too often. */
  #advance(network: string): void {
    for (const waiting of [...this.#waiting.of(network)]) {
      const turn = this.#admit(waiting.asker);
      if (turn === "wait") continue;
      this.#waiting.delete(network, waiting);
      waiting.end(turn);
    }
  }
}
