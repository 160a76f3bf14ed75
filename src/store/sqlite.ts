/**
 * The store in a SQLite file, also for several processes and threads on one
 * machine. It does its work at once: a promise that it returns is settled when
 * the caller gets it.
 */
import type { StatementSync } from "node:sqlite";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "./database.ts";
import type {
  Mirror,
  RowChange,
  Sql,
  Statement,
  StatementResult,
  Work,
} from "./sql.ts";
import { SqliteMirror } from "./sqlite_mirror.ts";

/** Prepared statements that are kept; the program has about a hundred. */
const MAX_PREPARED = 256;

/**
 * Opens the store in a file.
 *
 * @param path A file, or `:memory:`.
 * @throws {DatabaseError} When the file cannot be used.
 */
export function openSqlite(path: string, options: DatabaseOptions = {}): Sql {
  return new SqliteStore(openDatabase(path, options));
}

class SqliteStore implements Sql {
  readonly #database: Database;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #mirrors = new Set<SqliteMirror>();

  constructor(database: Database) {
    this.#database = database;
    database.health.probeWith(() => this.#probe());
  }

  get health(): Database["health"] {
    return this.#database.health;
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  // deno-lint-ignore require-await -- An error of SQLite rejects.
  async view<Result>(work: () => Work<Result>): Promise<Result> {
    this.#database.exec("BEGIN");
    try {
      return this.#drive(work());
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  // deno-lint-ignore require-await -- An error of SQLite rejects.
  async transaction<Result>(work: () => Work<Result>): Promise<Result> {
    const result = this.#database.transaction(() => this.#drive(work()));
    for (const mirror of this.#mirrors) mirror.noteWrite();
    return result;
  }

  mirror(apply: (change: RowChange) => void, restart: () => void): Mirror {
    const mirror = new SqliteMirror(this.#database, {
      ...{ apply, restart },
      onDispose: () => this.#mirrors.delete(mirror),
    });
    this.#mirrors.add(mirror);
    return mirror;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #drive<Result>(work: Work<Result>): Result {
    let step = work.next();
    while (step.done !== true) {
      let result: StatementResult;
      try {
        result = this.#run(step.value);
      } catch (cause) {
        step = work.throw(cause);
        continue;
      }
      step = work.next(result);
    }
    return step.value;
  }

  #run({ text, values, wants }: Statement): StatementResult {
    const statement = this.#prepare(text);
    return wants === "rows"
      ? { rows: statement.all(...values), changes: 0 }
      : { rows: [], changes: Number(statement.run(...values).changes) };
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    if (this.#prepared.size < MAX_PREPARED) this.#prepared.set(text, statement);
    return statement;
  }

  /** Writes what is there already. */
  #probe(): void {
    if (!this.#database.isOpen) return;
    const { user_version: version } =
      this.#database.prepare("PRAGMA user_version").get() ?? {};
    this.#database.write(() =>
      this.#database.exec(`PRAGMA user_version = ${Number(version)}`)
    );
  }
}
