/**
 * The history of the database's tables. Each entry migrates a database from one
 * version to the following one. Entries are only appended and never changed,
 * because existing databases have passed them.
 *
 * A change is made in two versions of the program. The first one adds what is
 * new and still fills what is old; the second one removes it. So programs of two
 * neighbouring versions can work with the same tables.
 */

/** The migrations, oldest first. A database's version is the number it has passed. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE users (
     name TEXT PRIMARY KEY NOT NULL,
     key_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE tunnels (
     id TEXT PRIMARY KEY NOT NULL,
     spec TEXT NOT NULL,
     token_hash BLOB NOT NULL,
     password_hash BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     launched_at INTEGER
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE access_keys (
     user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
     name TEXT NOT NULL,
     hash TEXT NOT NULL,
     hint BLOB,
     created_at INTEGER NOT NULL,
     expires_at INTEGER,
     last_used_at INTEGER,
     PRIMARY KEY (user, name)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO access_keys
     SELECT name, 'default', key_hash, NULL, created_at, NULL, NULL FROM users;
   ALTER TABLE users DROP COLUMN key_hash`,
  // A single user becomes the admin. Of several users none does until the operator
  // appoints one: an upgrade must not give anyone permissions over others.
  `CREATE TABLE organizations (
     name TEXT PRIMARY KEY NOT NULL,
     max_tunnels INTEGER,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO organizations VALUES ('default', NULL, unixepoch() * 1000);
   ALTER TABLE users ADD COLUMN organization TEXT NOT NULL DEFAULT 'default'
     REFERENCES organizations (name);
   ALTER TABLE users ADD COLUMN team TEXT;
   ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
   UPDATE users SET role = 'admin' WHERE (SELECT count(*) FROM users) = 1;
   ALTER TABLE access_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'all';
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     organization TEXT NOT NULL,
     actor TEXT NOT NULL,
     actor_key TEXT,
     address TEXT,
     action TEXT NOT NULL,
     user TEXT NOT NULL,
     object TEXT,
     detail TEXT
   ) STRICT;
   CREATE INDEX audit_of_organization ON audit (organization, id)`,
  // The index finds whether the log already has a user's first use of a tunnel.
  // Without it the whole log was read.
  `CREATE TABLE port_leases (
     port INTEGER PRIMARY KEY NOT NULL,
     organization TEXT NOT NULL,
     owner TEXT NOT NULL,
     name TEXT NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX audit_of_uses ON audit (actor, user, object, at)
     WHERE action = 'tunnel_used'`,
  // A user of an identity provider is its issuer with the subject there, whatever
  // the name. `disabled` says who disabled the user.
  `ALTER TABLE users ADD COLUMN issuer TEXT;
   ALTER TABLE users ADD COLUMN subject TEXT;
   ALTER TABLE users ADD COLUMN disabled TEXT;
   CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject)
     WHERE subject IS NOT NULL;
   CREATE TABLE invitations (
     id TEXT PRIMARY KEY NOT NULL,
     hash BLOB NOT NULL,
     organization TEXT NOT NULL
       REFERENCES organizations (name) ON DELETE CASCADE,
     team TEXT,
     role TEXT NOT NULL,
     invited_by TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     used_at INTEGER,
     used_by TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX invitations_of_organization
     ON invitations (organization, created_at)`,
  // Which rows changed, for event loops that keep them in memory. Triggers note
  // it, so no statement can forget to, and a cascade is noted too. A reader that
  // is further behind than what is kept reads everything again.
  `CREATE TABLE changes (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     source TEXT NOT NULL,
     key TEXT NOT NULL
   ) STRICT;
   CREATE TRIGGER changes_kept AFTER INSERT ON changes WHEN NEW.id % 256 = 0
     BEGIN DELETE FROM changes WHERE id <= NEW.id - 4096; END;
   CREATE TRIGGER organizations_added AFTER INSERT ON organizations
     BEGIN INSERT INTO changes (source, key) VALUES ('organizations', NEW.name); END;
   CREATE TRIGGER organizations_changed AFTER UPDATE ON organizations
     BEGIN INSERT INTO changes (source, key) VALUES ('organizations', NEW.name); END;
   CREATE TRIGGER organizations_removed AFTER DELETE ON organizations
     BEGIN INSERT INTO changes (source, key) VALUES ('organizations', OLD.name); END;
   CREATE TRIGGER users_added AFTER INSERT ON users
     BEGIN INSERT INTO changes (source, key) VALUES ('users', NEW.name); END;
   CREATE TRIGGER users_changed AFTER UPDATE ON users
     BEGIN INSERT INTO changes (source, key) VALUES ('users', NEW.name); END;
   CREATE TRIGGER users_removed AFTER DELETE ON users
     BEGIN INSERT INTO changes (source, key) VALUES ('users', OLD.name); END;
   CREATE TRIGGER access_keys_added AFTER INSERT ON access_keys
     BEGIN INSERT INTO changes (source, key) VALUES ('access_keys', NEW.user); END;
   CREATE TRIGGER access_keys_changed AFTER UPDATE ON access_keys
     BEGIN INSERT INTO changes (source, key) VALUES ('access_keys', NEW.user); END;
   CREATE TRIGGER access_keys_removed AFTER DELETE ON access_keys
     BEGIN INSERT INTO changes (source, key) VALUES ('access_keys', OLD.user); END`,
];
