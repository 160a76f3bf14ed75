/**
 * Keeps the memory of an event loop in step with a SQLite file. Triggers note in
 * the table `changes` which rows of the mirrored tables changed. `PRAGMA
 * data_version` says in microseconds whether another connection has written.
 */
import type { StatementSync } from "node:sqlite";
import type { Database } from "./database.ts";
import {
  type Mirror,
  MIRRORED,
  type MirroredTable,
  type RowChange,
} from "./sql.ts";

/** Whom a mirror tells. */
export interface SqliteMirrorOptions {
  /** Takes rows. */
  readonly apply: (change: RowChange) => void;
  /** Forgets all rows. */
  readonly restart: () => void;
  readonly onDispose: () => void;
}

const TABLES = Object.entries(MIRRORED) as readonly (readonly [
  MirroredTable,
  string,
])[];

/** No version of a file. */
const UNKNOWN = -1;

/** A reader of one file. */
export class SqliteMirror implements Mirror {
  readonly #database: Database;
  readonly #options: SqliteMirrorOptions;
  readonly #dataVersion: StatementSync;
  readonly #ends: StatementSync;
  readonly #later: StatementSync;
  readonly #rows: ReadonlyMap<string, StatementSync>;
  #version = UNKNOWN;
  /** The last change that it has. */
  #seen = 0;

  constructor(database: Database, options: SqliteMirrorOptions) {
    this.#database = database;
    this.#options = options;
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#ends = database.prepare(
      "SELECT min(id) AS first, max(id) AS last FROM changes",
    );
    this.#later = database.prepare(
      "SELECT DISTINCT source, key FROM changes WHERE id > ?",
    );
    this.#rows = new Map(TABLES.map(([table, column]) => [
      table,
      database.prepare(`SELECT * FROM ${table} WHERE ${column} = ?`),
    ]));
    this.#version = this.#versionNow();
    this.#readAll();
  }

  sync(): void {
    if (!this.#database.isOpen) return;
    const version = this.#versionNow();
    if (version === this.#version) return;
    this.#catchUp();
    // What was written since then is found the next time.
    this.#version = version;
  }

  #catchUp(): void {
    const { first, last } = this.#endsNow();
    if (last === this.#seen) return;
    if (first > this.#seen + 1 || last < this.#seen) return this.#readAll();
    const changed = this.#later.all(this.#seen);
    for (const { source, key } of changed) {
      const table = TABLES.find(([name]) => name === source)?.[0];
      if (table === undefined) continue;
      const rows = this.#rows.get(table)?.all(String(key)) ?? [];
      this.#options.apply({ table, key: String(key), rows });
    }
    this.#seen = last;
  }

  /** Takes in what this connection has stored. A disk that cannot be read now is read the next time. */
  noteWrite(): void {
    try {
      this.#catchUp();
    } catch {
      this.#version = UNKNOWN;
    }
  }

  [Symbol.dispose](): void {
    this.#options.onDispose();
  }

  /** Changes that come while it reads are read once more the next time. */
  #readAll(): void {
    const { last } = this.#endsNow();
    this.#options.restart();
    for (const [table, column] of TABLES) {
      const rows = this.#database.prepare(`SELECT * FROM ${table}`).all();
      for (const [key, group] of Map.groupBy(rows, (row) => row[column])) {
        this.#options.apply({ table, key: String(key), rows: group });
      }
    }
    this.#seen = last;
  }

  #versionNow(): number {
    return Number(this.#dataVersion.get()?.data_version);
  }

  #endsNow(): { readonly first: number; readonly last: number } {
    const { first, last } = this.#ends.get() ?? {};
    return { first: Number(first ?? 0), last: Number(last ?? 0) };
  }
}
