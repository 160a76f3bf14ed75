/**
 * What all organizations share: assigns entries of bounded tables, and what is
 * counted, to users and organizations.
 */
import {
  FairMap,
  type FairMapOptions,
  type Taker,
} from "../../async/fair_map.ts";
import {
  MAX_ORGANIZATIONS,
  OrganizationTallies,
  type OrganizationTally,
} from "../../metrics/organization_tallies.ts";
import { SenderTallies } from "../../proxy/count_senders.ts";
import type { UserDirectory } from "./permissions.ts";

/** The names of the tables in the metric. */
export type SharedTableName =
  | "ended_tunnels"
  | "jobs"
  | "certificates"
  | "first_uses"
  | "page_sessions"
  | "pending_sign_ins"
  | "logout_tokens"
  | "live_pages";

/** The tables of one server. */
export class SharedTables {
  /** The number of evicted entries, by table. */
  readonly evictions: ReadonlyMap<SharedTableName, number>;
  /** What organizations do. */
  readonly organizations: OrganizationTallies;
  /** What users and jobs do. */
  readonly senders: SenderTallies = new SenderTallies();
  readonly #evictions = new Map<SharedTableName, number>();
  readonly #directory: UserDirectory;

  /** @param directory The organization of each user; by default all belong to one. */
  constructor(directory: UserDirectory = { findUser: () => undefined }) {
    this.#directory = directory;
    this.evictions = this.#evictions;
    this.organizations = new OrganizationTallies(
      MAX_ORGANIZATIONS,
      this.senders,
    );
  }

  /** Whom the entries of a user count for. Moving the user later does not move the entries. */
  takerOf(user: string): Taker {
    const { organization = "" } = this.#directory.findUser(user) ?? {};
    return { organization, user };
  }

  /** Where things of a user are counted. Moving the user later does not move what was counted. */
  tallyOf(user: string): OrganizationTally {
    return this.organizations.of(this.takerOf(user).organization);
  }

  /** Creates a table. */
  table<Value>(
    name: SharedTableName,
    { onEvict, ...options }: FairMapOptions<Value>,
  ): FairMap<Value> {
    return new FairMap({
      ...options,
      onEvict: (value) => {
        this.noteEviction(name);
        onEvict?.(value);
      },
    });
  }

  /** Counts an evicted entry. */
  noteEviction(name: SharedTableName): void {
    this.#evictions.set(name, (this.#evictions.get(name) ?? 0) + 1);
  }
}
