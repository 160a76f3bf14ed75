/**
 * The drivers that keep what the store promises. The same tests run on each: a
 * further one is a further entry.
 *
 * @module
 */
import type { Sql } from "../../src/store/sql.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

/** One store, which several connections share. */
export interface Place extends AsyncDisposable {
  /** Opens another connection, as another process does. */
  open(): Promise<Sql>;
}

/** A driver. */
export interface Driver {
  readonly name: string;
  /** Makes an empty store with the tables of today. */
  make(): Promise<Place>;
}

/** All of them. */
export const DRIVERS: readonly Driver[] = [{
  name: "SQLite",
  async make() {
    const folder = await Deno.makeTempDir();
    return {
      open: () => Promise.resolve(openSqlite(`${folder}/sallyport.db`)),
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
}];
