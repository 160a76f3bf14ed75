/** The metrics of organizations, users and test jobs. Each `organization` is an organization of {@linkcode OrganizationTallies}. */
import type {
  OrganizationTallies,
  OrganizationTally,
  SenderTally,
} from "./organization_tallies.ts";
import { readCounter, readGauge } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** The states of a tunnel: without a session so far, usable, without a session again, and ending. */
export const TUNNEL_STATES = ["new", "running", "away", "stopping"] as const;
/** One of {@linkcode TUNNEL_STATES}. */
export type CountedTunnelState = (typeof TUNNEL_STATES)[number];

/** A live tunnel. */
export interface CountedTunnel {
  readonly tally: OrganizationTally;
  readonly state: CountedTunnelState;
}

/** Where the numbers are; read at every scrape. */
export interface OrganizationSources {
  readonly organizations: OrganizationTallies;
  /** All live tunnels. */
  readonly tunnels: () => Iterable<CountedTunnel>;
}

type Numbers = readonly (readonly [label: string, value: number])[];

/** Registers the metrics of organizations. */
export function registerOrganizations(
  registry: Registry,
  { organizations, tunnels }: OrganizationSources,
): void {
  readGauge(registry, {
    name: "organization_tunnels",
    help: "Live tunnels, by organization: new, running, away (its client is " +
      "not connected), stopping.",
    labels: ["organization", "state"],
    read: () => {
      const live = Map.groupBy(
        tunnels(),
        ({ tally, state }) => `${state} ${tally.organization}`,
      );
      return Iterator.from(organizations.values()).flatMap(({ organization }) =>
        TUNNEL_STATES.map((state) => {
          const count = live.get(`${state} ${organization}`)?.length ?? 0;
          return [{ organization, state }, count];
        })
      );
    },
  });
  readGauge(registry, {
    name: "organization_sessions",
    help: "Sessions of clients that are open, by organization.",
    labels: ["organization"],
    read: () =>
      Iterator.from(organizations.values())
        .map(({ organization, sessions }) => [{ organization }, sessions]),
  });
  for (const { name, help, label, values } of COUNTERS) {
    readCounter(registry, {
      name: `organization_${name}_total`,
      help,
      labels: ["organization", ...label === undefined ? [] : [label]],
      read: () =>
        Iterator.from(organizations.values()).flatMap((tally) => {
          const { organization } = tally;
          return values(tally).map(([text, count]) => {
            const own = label === undefined ? {} : { [label]: text };
            return [{ organization, ...own }, count];
          });
        }),
    });
  }
}

/** What is counted; without `label` there is one number for each organization. */
const COUNTERS: readonly {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  readonly values: (tally: OrganizationTally) => Numbers;
}[] = [
  {
    name: "requests",
    help: "Requests of browsers that got a response, by class of its status.",
    label: "code",
    values: ({ requests }) => requests.byClass,
  },
  {
    name: "bytes",
    help: "Bytes to clients (sent) and from them (received) on sessions.",
    label: "direction",
    values: ({ bytes }) => Object.entries(bytes),
  },
  {
    name: "sessions_opened",
    help: "Sessions of clients that were opened.",
    values: ({ sessionsOpened }) => [["", sessionsOpened]],
  },
  {
    name: "sessions_lost",
    help: "Sessions that ended without being closed: cut, silent (no answer " +
      "to PING), protocol, other.",
    label: "reason",
    values: ({ sessionsLost }) => Object.entries(sessionsLost),
  },
  {
    name: "login_failures",
    help: "Logins with a user name of the organization that were refused, " +
      "throttled after too many failures, or busy because too many waited.",
    label: "reason",
    values: ({ loginFailures }) => Object.entries(loginFailures),
  },
  {
    name: "certificates_issued",
    help: "Certificates that were issued for hosts whose TLS is opened.",
    values: ({ certificatesIssued }) => [["", certificatesIssued]],
  },
];

/** Where the numbers of users and jobs are; read at every scrape. */
export interface SenderSources {
  /** With the label `user`. */
  users(): Iterable<SenderTally>;
  /** With the labels `user` and `job`. */
  jobs(): Iterable<SenderTally>;
}

/** Registers the metrics of users and jobs. @param further Labels of all tallies, besides. */
export function registerSenders(
  registry: Registry,
  sources: SenderSources,
  further: readonly string[] = [],
): void {
  const of = (read: () => Iterable<SenderTally>) => () =>
    Iterator.from(read()).flatMap(({ labels, requests }) =>
      requests.byClass.map(([code, count]) =>
        [{ ...labels, code }, count] as const
      )
    );
  readCounter(registry, {
    name: "user_requests_total",
    help: "Requests that got a response, by user and class of its status.",
    labels: [...further, "user", "code"],
    read: of(() => sources.users()),
  });
  readCounter(registry, {
    name: "job_requests_total",
    help: "Requests of test jobs that got a response, by job and class of " +
      "its status.",
    labels: [...further, "user", "job", "code"],
    read: of(() => sources.jobs()),
  });
}
