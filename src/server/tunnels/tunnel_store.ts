// Live tunnels in the database, so that their clients can go on after a restart of
// the server: with the same ids, tokens and passwords. Only hashes of secrets are
// stored.
import type { DatabaseSync } from "node:sqlite";
import { type StoredSpec, storedTunnel } from "../storage/stored_tunnel.ts";
import { logger } from "../../log/log.ts";
import { openDatabase } from "../storage/database.ts";
import type {
  RegistryChange,
  RestoredTunnel,
  TunnelRegistry,
} from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

const log = logger("server");

/** The table of live tunnels. */
export class TunnelStore implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Opens the table.
   *
   * @param databasePath A file, or `:memory:`.
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(databasePath: string) {
    this.#database = openDatabase(databasePath);
  }

  /** Saves a tunnel, or its changes. */
  save(tunnel: Tunnel): void {
    this.#database.prepare(
      `INSERT INTO tunnels VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET launched_at = excluded.launched_at`,
    ).run(
      tunnel.id,
      JSON.stringify(specOf(tunnel)),
      tunnel.tokenHash.digest,
      tunnel.passwordHash.digest,
      tunnel.createdAt,
      tunnel.launchedAt ?? null,
    );
  }

  /** Deletes a tunnel. */
  remove(id: string): void {
    this.#database.prepare("DELETE FROM tunnels WHERE id = ?").run(id);
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
 */
export function persistTunnels(
  registry: TunnelRegistry,
  store: TunnelStore,
): Disposable {
  return registry.changes.subscribe((change) => {
    try {
      keep(change, store);
    } catch (error) {
      // With a full disk the tunnel goes on, but may not survive a restart.
      const { id } = change.tunnel;
      log.error("failed to persist tunnel", { id, error });
    }
  });
}

function keep({ kind, tunnel }: RegistryChange, store: TunnelStore): void {
  switch (kind) {
    case "created":
      return store.save(tunnel);
    case "attached":
      // The first session changes the state.
      if (tunnel.sessions.length === 1) store.save(tunnel);
      return;
    case "stopping":
    case "removed":
      return store.remove(tunnel.id);
    case "detached":
    case "terminated":
      return;
    default:
      return kind satisfies never;
  }
}
