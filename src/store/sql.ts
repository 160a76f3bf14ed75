/**
 * What stores the server's accounts: tables that are read and changed with SQL.
 * One driver keeps them in a file, others may ask another machine. So everything
 * that waits for the store is a promise.
 *
 * A transaction is a generator of statements. SQLite runs all of it in one go,
 * so nothing of this thread comes between two statements. A driver that waits
 * for a network gives back each result when it is there.
 *
 * Statements are in the SQL that SQLite and PostgreSQL share. Values stand as
 * `?1`, `?2`, in the order in which they are given.
 */
import type { StorageHealth } from "./storage_health.ts";

/** A value that a statement takes. */
export type SqlValue = string | number | null | Uint8Array;

/** A row, by column. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** One statement with its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
  /** Whether its rows are wanted, or how many it changed. */
  readonly wants: "rows" | "changes";
}

/** What a statement gave. */
export interface StatementResult {
  /** Its rows; none if it wants no rows. */
  readonly rows: readonly SqlRow[];
  /** How many rows it inserted, updated or deleted; 0 if it wants rows. */
  readonly changes: number;
}

/** Work in the store: it yields statements, gets their results, and returns what comes of them. */
export type Work<Result> = Generator<Statement, Result, StatementResult>;

/** The tables whose rows every event loop keeps in memory, and the column by which they change. */
export const MIRRORED = {
  organizations: "name",
  users: "name",
  access_keys: "user",
} as const;

/** The name of a mirrored table. */
export type MirroredTable = keyof typeof MIRRORED;

/** All rows with one key, as they are now; none if they are gone. */
export interface RowChange {
  readonly table: MirroredTable;
  readonly key: string;
  readonly rows: readonly SqlRow[];
}

/** Gets what changes, until it is disposed. */
export interface Mirror extends Disposable {
  /** Takes in what others have stored, where that can be known without waiting. */
  sync(): void;
}

/** An open store. */
export interface Sql extends Disposable {
  /** What is known of its writes. */
  readonly health: StorageHealth;
  /** Whether it is open. */
  readonly isOpen: boolean;
  /** Does `work` that only reads: all of it sees one moment. */
  view<Result>(work: () => Work<Result>): Promise<Result>;
  /**
   * Does `work` in one transaction: all of it is stored, or nothing. When it
   * resolves, the mirrors of this store have what was stored.
   *
   * @throws {StorageError} When the disk takes nothing.
   */
  transaction<Result>(work: () => Work<Result>): Promise<Result>;
  /**
   * Gives all rows of the mirrored tables to `apply`, and again those that
   * change, through any connection. `restart` is called first, and when all rows follow
   * once more.
   */
  mirror(
    apply: (change: RowChange) => void,
    restart: () => void,
  ): Mirror;
}

/** Runs a statement, and gives its rows. */
export function* rowsOf(
  text: string,
  ...values: readonly SqlValue[]
): Work<readonly SqlRow[]> {
  const { rows } = yield { text, values, wants: "rows" };
  return rows;
}

/** Runs a statement, and gives its first row. */
export function* rowOf(
  text: string,
  ...values: readonly SqlValue[]
): Work<SqlRow | undefined> {
  const { rows } = yield { text, values, wants: "rows" };
  return rows[0];
}

/** Runs a statement that changes rows, and says how many. */
export function* change(
  text: string,
  ...values: readonly SqlValue[]
): Work<number> {
  const { changes } = yield { text, values, wants: "changes" };
  return changes;
}
