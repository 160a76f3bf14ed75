// Live tunnels in the database, so that their clients can go on after a restart of
// the server: with the same ids, tokens and passwords. Only hashes of secrets are
// stored.
import { type StoredSpec, storedTunnel } from "../../store/stored_tunnel.ts";
import { logger } from "../../log/log.ts";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../store/database.ts";
import { StorageError } from "../../store/storage_health.ts";
import type {
  RegistryChange,
  RestoredTunnel,
  TunnelRegistry,
} from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

const log = logger("server");

/** The table of live tunnels. */
export class TunnelStore implements Disposable {
  readonly #database: Database;

  /**
   * Opens the table.
   *
   * @param databasePath A file, or `:memory:`.
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(databasePath: string, options: DatabaseOptions = {}) {
    this.#database = openDatabase(databasePath, options);
  }

  /** Calls `action` each time that the disk can be written again, until disposed. */
  onRecovery(action: () => void): Disposable {
    return this.#database.health.onRecovery(action);
  }

  /** Saves a tunnel, or its changes. */
  save(tunnel: Tunnel): void {
    const statement = this.#database.prepare(
      `INSERT INTO tunnels VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET launched_at = excluded.launched_at`,
    );
    this.#database.write(() =>
      statement.run(
        tunnel.id,
        JSON.stringify(specOf(tunnel)),
        tunnel.tokenHash.digest,
        tunnel.passwordHash.digest,
        tunnel.createdAt,
        tunnel.launchedAt ?? null,
      )
    );
  }

  /** Deletes a tunnel. */
  remove(id: string): void {
    this.#database.write(() =>
      this.#database.prepare("DELETE FROM tunnels WHERE id = ?").run(id)
    );
  }

  /** All tunnels, oldest first. Deletes those that it cannot read. */
  list(): readonly RestoredTunnel[] {
    const rows = this.#database.prepare(
      "SELECT * FROM tunnels ORDER BY created_at, id",
    ).all();
    return rows.flatMap((row) => {
      const { success, data } = storedTunnel.safeParse(row);
      if (!success) {
        this.remove(String(row.id));
        return [];
      }
      return [{
        id: data.id,
        spec: data.spec,
        tokenDigest: data.token_hash,
        passwordDigest: data.password_hash,
        createdAt: data.created_at,
        launchedAt: data.launched_at ?? undefined,
      }];
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** What a tunnel was created with. */
function specOf(tunnel: Tunnel): StoredSpec {
  return {
    owner: tunnel.owner,
    name: tunnel.name,
    pool: tunnel.pool,
    shared: tunnel.shared,
    metadata: tunnel.metadata,
    rules: tunnel.rules,
    wantsPort: tunnel.wantsPort,
    keyId: tunnel.keyId,
  };
}

/**
 * Saves all changes to the tunnels of `registry` until disposed. Dispose it
 * before the server stops and ends the tunnels, so that they come back later.
 *
 * With a full disk the tunnels go on. What could not be saved is saved when the
 * disk has room again, the last change of each tunnel.
 */
export function persistTunnels(
  registry: TunnelRegistry,
  store: TunnelStore,
): Disposable {
  using parts = new DisposableStack();
  /** By id; at most one for each tunnel that has changed since the disk was full. */
  const unsaved = new Map<string, () => void>();
  parts.use(registry.changes.subscribe((change) => {
    const write = writeOf(change, store);
    if (write !== undefined) attempt(change.tunnel.id, write);
  }));
  parts.use(store.onRecovery(() => {
    for (const [id, write] of [...unsaved]) attempt(id, write);
  }));
  return parts.move();

  function attempt(id: string, write: () => void): void {
    // Before it: the first write that succeeds repeats the others.
    unsaved.delete(id);
    try {
      write();
    } catch (error) {
      if (error instanceof StorageError) unsaved.set(id, write);
      else log.error("failed to persist tunnel", { id, error });
    }
  }
}

/** What a change does to the table. */
function writeOf(
  { kind, tunnel }: RegistryChange,
  store: TunnelStore,
): (() => void) | undefined {
  switch (kind) {
    case "created":
      return () => store.save(tunnel);
    case "attached":
      // The first session changes the state.
      if (tunnel.sessions.length > 1) return undefined;
      return () => store.save(tunnel);
    case "stopping":
    case "removed":
      return () => store.remove(tunnel.id);
    case "detached":
    case "terminated":
      return undefined;
    default:
      return kind satisfies never;
  }
}
