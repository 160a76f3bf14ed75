/**
 * Live tunnels in the database, so that a server that comes back knows them and
 * their clients can go on: the same ids, tokens and passwords, of which only
 * hashes are kept.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import {
  type StoredSpec,
  storedTunnel,
} from "../../api/resources/stored_tunnel.ts";
import { logger } from "../../log/log.ts";
import { openDatabase } from "../storage/database.ts";
import type {
  RestoredTunnel,
  TunnelChange,
  TunnelRegistry,
} from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

const log = logger("server");

/** The table of live tunnels. */
export class TunnelStore implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Opens it.
   *
   * @param databasePath A file, or `:memory:`.
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(databasePath: string) {
    this.#database = openDatabase(databasePath);
  }

  /** Writes a tunnel down, or what has changed about it. */
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

  /** Forgets a tunnel. */
  remove(id: string): void {
    this.#database.prepare("DELETE FROM tunnels WHERE id = ?").run(id);
  }

  /** All tunnels that were not forgotten, oldest first; forgets those that it cannot read. */
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

/** What was said about a tunnel when it was made. */
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
 * Writes down what happens to the tunnels of `registry` until disposed. Dispose
 * it before the tunnels are ended because the server stops: they shall live on.
 */
export function persistTunnels(
  registry: TunnelRegistry,
  store: TunnelStore,
): Disposable {
  return registry.changes.subscribe((change) => {
    try {
      keep(change, store);
    } catch (error) {
      // A full disk costs what a restart would have kept, not the tunnel.
      const { id } = change.tunnel;
      log.error("tunnel cannot be written down", { id, error });
    }
  });
}

function keep({ kind, tunnel }: TunnelChange, store: TunnelStore): void {
  switch (kind) {
    case "created":
      return store.save(tunnel);
    case "attached":
      // The first session is what changes its state.
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
