/**
 * The queue of logins. A login waits while as many keys of its network are being
 * compared as may fail: concurrent guesses are not better than sequential ones.
 */
import type {
  FailureLimits,
  LoginAttempt,
} from "../../api/serving/failure_limits.ts";
import { KeyedCounter } from "../../async/keyed_counter.ts";
import { LinesByKey } from "../../async/lines_by_key.ts";

/** Most waiting logins of one network; a test farm behind one address may start as many. */
const MAX_OF_NETWORK = 1024;
/** Most waiting logins of all networks; the network with the most gives way. */
const MAX_WAITING = 4096;

/** The result of the wait. A login may compare its key until the result is disposed, or it is `throttled` or `busy`. */
export type Admission = Disposable | "throttled" | "busy";

interface Waiting {
  readonly attempt: LoginAttempt;
  end(admission: Admission): void;
}

/** How many logins may wait. */
export interface LoginQueueOptions {
  /** Of all networks; 4,096 by default. */
  readonly maxWaiting?: number;
  /** Of one network; 1,024 by default. */
  readonly maxWaitingOfNetwork?: number;
}

/** The queue. */
export class LoginQueue {
  readonly #limits: Pick<FailureLimits, "mayFail">;
  readonly #maxOfNetwork: number;
  readonly #comparing = new KeyedCounter();
  readonly #waiting: LinesByKey<Waiting>;

  constructor(
    limits: Pick<FailureLimits, "mayFail">,
    { maxWaiting = MAX_WAITING, maxWaitingOfNetwork = MAX_OF_NETWORK }:
      LoginQueueOptions = {},
  ) {
    this.#limits = limits;
    this.#maxOfNetwork = maxWaitingOfNetwork;
    this.#waiting = new LinesByKey(maxWaiting);
  }

  /** Waits until the login may compare its key. An aborted `signal` ends the wait with `busy`. */
  enter(
    attempt: LoginAttempt,
    signal?: AbortSignal,
  ): Admission | Promise<Admission> {
    const admission = this.#admit(attempt);
    if (admission !== "wait") return admission;
    const { network } = attempt;
    if (this.#waiting.of(network).size >= this.#maxOfNetwork) {
      return "throttled";
    }
    if (signal?.aborted) return "busy";
    const { promise, resolve } = Promise.withResolvers<Admission>();
    const leave = () => {
      this.#waiting.delete(network, waiting);
      waiting.end("busy");
    };
    const waiting: Waiting = {
      attempt,
      end(admission) {
        signal?.removeEventListener("abort", leave);
        resolve(admission);
      },
    };
    signal?.addEventListener("abort", leave);
    this.#waiting.add(network, waiting)?.end("busy");
    return promise;
  }

  #admit(attempt: LoginAttempt): Admission | "wait" {
    if (!this.#limits.mayFail(attempt)) return "throttled";
    const { network, login } = attempt;
    const pending = {
      ofNetwork: this.#comparing.of(network),
      ofLogin: this.#comparing.of(login),
    };
    if (!this.#limits.mayFail(attempt, pending)) return "wait";
    const comparing = this.#comparing.enter(network, login);
    return {
      [Symbol.dispose]: () => {
        comparing[Symbol.dispose]();
        this.#advance(network);
      },
    };
  }

  /** After a login of this network has ended: starts or throttles those that wait. */
  #advance(network: string): void {
    for (const waiting of [...this.#waiting.of(network)]) {
      const admission = this.#admit(waiting.attempt);
      if (admission === "wait") continue;
      this.#waiting.delete(network, waiting);
      waiting.end(admission);
    }
  }
}
