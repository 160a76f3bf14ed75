/**
 * The bounded tables that all organizations share: whose an entry is, and how
 * often one had to make room.
 *
 * @module
 */
import {
  FairMap,
  type FairMapOptions,
  type Taker,
} from "../../async/fair_map.ts";
import type { UserDirectory } from "./permissions.ts";

/** The tables, as the metric calls them. */
export type SharedTableName =
  | "ended_tunnels"
  | "jobs"
  | "certificates"
  | "first_uses"
  | "page_sessions"
  | "live_pages";

/** Makes the tables of one server. */
export class SharedTables {
  /** Entries that had to make room, by table. */
  readonly evictions: ReadonlyMap<SharedTableName, number>;
  readonly #evictions = new Map<SharedTableName, number>();
  readonly #directory: UserDirectory;

  /** @param directory Where users belong; nowhere unless given, then all are of one organization. */
  constructor(directory: UserDirectory = { findUser: () => undefined }) {
    this.#directory = directory;
    this.evictions = this.#evictions;
  }

  /** Whose the entries of a user are. Who is moved later leaves them where they are. */
  takerOf(user: string): Taker {
    const { organization = "" } = this.#directory.findUser(user) ?? {};
    return { organization, user };
  }

  /** Makes a table. */
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

  /** Counts an entry that had to make room. */
  noteEviction(name: SharedTableName): void {
    this.#evictions.set(name, (this.#evictions.get(name) ?? 0) + 1);
  }
}
