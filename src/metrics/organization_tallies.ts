/**
 * What organizations do, counted in plain numbers: every request counts here,
 * and a scrape reads the numbers once in many seconds.
 */

/** Organizations with numbers of their own. The operator makes organizations, but a test farm may make one per run: the rest share {@linkcode OTHER_ORGANIZATIONS}. */
export const MAX_ORGANIZATIONS = 100;
/** The label of organizations beyond {@linkcode MAX_ORGANIZATIONS}. No organization can have a name like it. */
export const OTHER_ORGANIZATIONS = "(other)";
/** The label of user names that nobody has. */
export const NO_ORGANIZATION = "(unknown)";

/** Classes of status codes: the first digit, 1 to 9. */
const STATUS_CLASSES = 10;

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

/** The numbers of one organization. They never go down. */
export class OrganizationTally {
  readonly organization: string;
  /** Responses by the first digit of their status. */
  readonly requests: readonly number[];
  /** Sessions that ended with an error, by reason. */
  readonly sessionsLost: Readonly<Record<SessionLoss, number>>;
  /** Failed logins by reason. */
  readonly loginFailures: Readonly<Record<LoginFailure, number>>;
  readonly #requests = new Array<number>(STATUS_CLASSES).fill(0);
  readonly #sessionsLost = { cut: 0, silent: 0, protocol: 0, other: 0 };
  readonly #loginFailures = { refused: 0, throttled: 0, busy: 0 };
  /** Open sessions: their own counters are read when they are needed. */
  readonly #sessions = new Set<CountedSession>();
  #sessionsOpened = 0;
  #certificatesIssued = 0;
  /** Bytes of sessions that have ended. */
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(organization: string) {
    this.organization = organization;
    this.requests = this.#requests;
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

  /** Counts a response with this status, 100 to 999. */
  countRequest(status: number): void {
    const at = Math.floor(status / 100);
    this.#requests[at] = (this.#requests[at] ?? 0) + 1;
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

  constructor(max: number = MAX_ORGANIZATIONS) {
    this.#max = max;
  }

  /** The tally of an organization; empty text for users that nobody knows. */
  of(organization: string): OrganizationTally {
    if (organization === "") return this.#make(NO_ORGANIZATION);
    const known = this.#tallies.get(organization);
    if (known !== undefined) return known;
    const isFull = this.#named >= this.#max;
    return this.#make(isFull ? OTHER_ORGANIZATIONS : organization);
  }

  values(): Iterable<OrganizationTally> {
    return this.#tallies.values();
  }

  /** How many organizations have numbers of their own. */
  get #named(): number {
    const others = [NO_ORGANIZATION, OTHER_ORGANIZATIONS]
      .filter((label) => this.#tallies.has(label));
    return this.#tallies.size - others.length;
  }

  #make(label: string): OrganizationTally {
    return this.#tallies.getOrInsertComputed(
      label,
      () => new OrganizationTally(label),
    );
  }
}
