/**
 * What organizations, users and jobs do, counted in plain numbers: every request counts here,
 * and a scrape reads the numbers once in many seconds.
 */

/** Organizations with numbers of their own. The operator makes organizations, but a test farm may make one per run: the rest share {@linkcode OTHERS}. */
export const MAX_ORGANIZATIONS = 100;
/** The label of organizations, users and jobs beyond their bound. None can have a name like it. */
export const OTHERS = "(other)";
/** The label of user names that nobody has. */
export const NO_ORGANIZATION = "(unknown)";

/** Why a session was lost. */
export type SessionLoss =
  /** The connection broke, or ended without a word. */
  | "cut"
  /** The client acknowledged no PING in time. */
  | "silent"
  /** The client broke a rule of the protocol, or reported an error of the server. */
  | "protocol"
  | "other";

/** Why a login failed. */
export type LoginFailure = "refused" | "throttled" | "busy";

/** A session that has bytes to count. */
export interface CountedSession {
  readonly stats: {
    readonly bytesSent: number;
    readonly bytesReceived: number;
  };
}

/** Responses for one user, or for one job. */
export class SenderTally {
  /** The labels of its metric, but `code`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly requests: StatusClasses = new StatusClasses();

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }
}

/** A request's owner, and the organization that it counts for. */
export interface CountedSender {
  /** The value of its label. Empty (default) when there is no such label. */
  readonly organization?: string;
  readonly user?: string | undefined;
  readonly job?: string | undefined;
}

/** Counts responses for users and jobs. */
export interface SenderCounter {
  /** Counts a response with this status, 100 to 999. */
  count(sender: CountedSender, status: number): void;
}

/** The numbers of one organization. They never go down. */
export class OrganizationTally {
  readonly organization: string;
  /** Responses by class of their status. */
  readonly requests: StatusClasses = new StatusClasses();
  /** Sessions that ended with an error, by reason. */
  readonly sessionsLost: Readonly<Record<SessionLoss, number>>;
  /** Failed logins by reason. */
  readonly loginFailures: Readonly<Record<LoginFailure, number>>;
  readonly #sessionsLost = { cut: 0, silent: 0, protocol: 0, other: 0 };
  readonly #loginFailures = { refused: 0, throttled: 0, busy: 0 };
  readonly #senders: SenderCounter | undefined;
  /** Open sessions: their own counters are read when they are needed. */
  readonly #sessions = new Set<CountedSession>();
  #sessionsOpened = 0;
  #certificatesIssued = 0;
  /** Bytes of sessions that have ended. */
  #bytesSent = 0;
  #bytesReceived = 0;

  /** @param senders Counts requests for users and jobs too. */
  constructor(organization: string, senders?: SenderCounter) {
    this.organization = organization;
    this.#senders = senders;
    this.sessionsLost = this.#sessionsLost;
    this.loginFailures = this.#loginFailures;
  }

  /** Open sessions. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Sessions opened so far. */
  get sessionsOpened(): number {
    return this.#sessionsOpened;
  }

  /** Certificates issued for intercepted hosts. */
  get certificatesIssued(): number {
    return this.#certificatesIssued;
  }

  /** Bytes sent to clients, and received from them. */
  get bytes(): { readonly sent: number; readonly received: number } {
    let sent = this.#bytesSent;
    let received = this.#bytesReceived;
    for (const { stats } of this.#sessions) {
      sent += stats.bytesSent;
      received += stats.bytesReceived;
    }
    return { sent, received };
  }

  /** Counts a response with this status, 100 to 999, for its user and job too. */
  countRequest(
    status: number,
    { user, job }: Omit<CountedSender, "organization"> = {},
  ): void {
    const { organization } = this;
    this.requests.count(status);
    this.#senders?.count({ organization, user, job }, status);
  }

  countLoginFailure(reason: LoginFailure): void {
    this.#loginFailures[reason] += 1;
  }

  countCertificate(): void {
    this.#certificatesIssued += 1;
  }

  openSession(session: CountedSession): void {
    this.#sessionsOpened += 1;
    this.#sessions.add(session);
  }

  /** Counts its end; without `loss` it ended in order. */
  closeSession(session: CountedSession, loss?: SessionLoss): void {
    if (!this.#sessions.delete(session)) return;
    const { bytesSent, bytesReceived } = session.stats;
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
    if (loss !== undefined) this.#sessionsLost[loss] += 1;
  }
}

/** The tallies of all organizations, at most {@linkcode MAX_ORGANIZATIONS} and two. */
export class OrganizationTallies {
  readonly #tallies = new Map<string, OrganizationTally>();
  readonly #max: number;
  readonly #senders: SenderCounter | undefined;

  /** @param senders Counts requests for users and jobs too. */
  constructor(max: number = MAX_ORGANIZATIONS, senders?: SenderCounter) {
    this.#max = max;
    this.#senders = senders;
  }

  /** The tally of an organization; empty text for users that nobody knows. */
  of(organization: string): OrganizationTally {
    if (organization === "") return this.#make(NO_ORGANIZATION);
    const known = this.#tallies.get(organization);
    if (known !== undefined) return known;
    const isFull = this.#named >= this.#max;
    return this.#make(isFull ? OTHERS : organization);
  }

  values(): Iterable<OrganizationTally> {
    return this.#tallies.values();
  }

  /** How many organizations have numbers of their own. */
  get #named(): number {
    const others = [NO_ORGANIZATION, OTHERS]
      .filter((label) => this.#tallies.has(label));
    return this.#tallies.size - others.length;
  }

  #make(label: string): OrganizationTally {
    return this.#tallies.getOrInsertComputed(
      label,
      () => new OrganizationTally(label, this.#senders),
    );
  }
}

/** Classes of status codes: the first digit, 1 to 9. */
const CLASSES = 10;

/** Numbers of responses by class. They never go down. */
export class StatusClasses {
  readonly #counts = new Array<number>(CLASSES).fill(0);

  /** Counts a response with this status, 100 to 999. */
  count(status: number): void {
    this.#add(Math.floor(status / 100), 1);
  }

  /** Adds the numbers of others, which count no more. */
  addAll(others: StatusClasses): void {
    for (const [digit, count] of others.#counts.entries()) {
      this.#add(digit, count);
    }
  }

  /** Each class that is usual or was counted, as `2xx`, and its number. */
  get byClass(): readonly (readonly [code: string, count: number])[] {
    return this.#counts.flatMap((count, digit) =>
      isUsual(digit) || count > 0 ? [[`${digit}xx`, count] as const] : []
    );
  }

  #add(digit: number, count: number): void {
    this.#counts[digit] = (this.#counts[digit] ?? 0) + count;
  }
}

/** Classes with a series from the start: a rate needs two values. */
function isUsual(digit: number): boolean {
  return digit >= 2 && digit <= 5;
}
