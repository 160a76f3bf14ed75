/** Looks after sessions whose server says nothing. */
import { type Clock, monotonicClock } from "../../async/clock.ts";
import { silentAfter } from "../../tunnel/silence.ts";

/** What is watched of a session. */
export interface WatchedSession {
  /** Whether nothing has come since the last PING that checks the server. */
  readonly owesReply: boolean;
  /** For how many milliseconds it has owed that reply. */
  readonly silence: number;
  readonly stats: {
    /** The last round trip in milliseconds. */
    readonly roundTripTime: number | undefined;
  };
  /** Sends such a PING, unless it owes a reply already. */
  check(): void;
}

/** Options of {@linkcode SilenceWatch}. */
export interface SilenceWatchOptions {
  /** Milliseconds of silence after which a session may be dead. */
  readonly overdueAfter: number;
  /** The sessions that are open now. */
  readonly sessions: () => readonly WatchedSession[];
  /** Called while all of them may be dead. */
  readonly onAllSilent: () => void;
  /** Called while one of them owes nothing. */
  readonly onHeard: () => void;
  readonly clock?: Clock;
  /** Milliseconds since 1970. Unlike `clock` it goes on while the machine sleeps. */
  readonly wallClock?: () => number;
}

/** Looks at the sessions, as a part of `overdueAfter`. */
const LOOKS = 4;
/** The wall clock is ahead by this many milliseconds: the machine has slept. Less may be a correction of the clock. */
const SLEPT = 3_000;

/**
 * Looks at the sessions of a tunnel until disposed. When one is silent, all are
 * asked: the network may be gone. When the machine has slept, too.
 */
export class SilenceWatch implements Disposable {
  readonly #options: SilenceWatchOptions;
  readonly #clock: Clock;
  readonly #wallClock: () => number;
  #timer: Disposable | undefined;
  /** How far the wall clock was ahead at the last look. */
  #ahead: number;

  constructor(options: SilenceWatchOptions) {
    const { clock = monotonicClock, wallClock = Date.now } = options;
    this.#options = options;
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#ahead = wallClock() - clock.now();
    this.#start();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #start(): void {
    const { overdueAfter } = this.#options;
    this.#timer = this.#clock.timer(overdueAfter / LOOKS, () => {
      this.#start();
      this.#look();
    });
  }

  #look(): void {
    const { overdueAfter, onAllSilent, onHeard } = this.#options;
    const sessions = this.#options.sessions();
    const longest = Math.max(...sessions.map(({ silence }) => silence));
    if (this.#hasSlept() || longest >= overdueAfter / 2) {
      for (const session of sessions) session.check();
    }
    if (sessions.some(({ owesReply }) => !owesReply)) onHeard();
    else if (longest >= this.#limit(sessions)) onAllSilent();
  }

  /** On a slow link replies take their time. */
  #limit(sessions: readonly WatchedSession[]): number {
    const roundTrips = sessions.map(({ stats }) => stats.roundTripTime ?? 0);
    return silentAfter(this.#options.overdueAfter, Math.max(...roundTrips));
  }

  #hasSlept(): boolean {
    const ahead = this.#wallClock() - this.#clock.now();
    const hasSlept = ahead - this.#ahead > SLEPT;
    this.#ahead = ahead;
    return hasSlept;
  }
}
