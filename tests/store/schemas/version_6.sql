-- A database of schema 6, with data, as a program of that time left it.
-- It is never changed: the tests open it with the program of today.
CREATE TABLE users (
     name TEXT PRIMARY KEY NOT NULL,
     created_at INTEGER NOT NULL
   , organization TEXT NOT NULL DEFAULT 'default'
     REFERENCES organizations (name), team TEXT, role TEXT NOT NULL DEFAULT 'member', issuer TEXT, subject TEXT, disabled TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE tunnels (
     id TEXT PRIMARY KEY NOT NULL,
     spec TEXT NOT NULL,
     token_hash BLOB NOT NULL,
     password_hash BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     launched_at INTEGER
   ) STRICT, WITHOUT ROWID;
CREATE TABLE access_keys (
     user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
     name TEXT NOT NULL,
     hash TEXT NOT NULL,
     hint BLOB,
     created_at INTEGER NOT NULL,
     expires_at INTEGER,
     last_used_at INTEGER, scope TEXT NOT NULL DEFAULT 'all',
     PRIMARY KEY (user, name)
   ) STRICT, WITHOUT ROWID;
CREATE TABLE organizations (
     name TEXT PRIMARY KEY NOT NULL,
     max_tunnels INTEGER,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
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
CREATE INDEX audit_of_organization ON audit (organization, id);
CREATE TABLE port_leases (
     port INTEGER PRIMARY KEY NOT NULL,
     organization TEXT NOT NULL,
     owner TEXT NOT NULL,
     name TEXT NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT;
CREATE INDEX audit_of_uses ON audit (actor, user, object, at)
     WHERE action = 'tunnel_used';
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
     ON invitations (organization, created_at);
INSERT INTO organizations VALUES ('default', NULL, 1760000000000);
INSERT INTO organizations VALUES ('acme', 3, 1760000000500);
INSERT INTO users VALUES ('ann', 1760000000000, 'default', NULL, 'admin', NULL, NULL, NULL);
INSERT INTO users VALUES ('bob', 1760000001000, 'acme', 'web', 'service', NULL, NULL, NULL);
INSERT INTO access_keys VALUES ('ann', 'default', 'scrypt$2$1$1$eRdwCWRaErcsXG9B4IQnMg$-xaWS9YYFI1dWixhYw2YzMNufwKG4NcA_O4qdEmcDpE', NULL, 1760000000000, NULL, NULL, 'all');
INSERT INTO access_keys VALUES ('bob', 'ci', 'sha256$JUD0r-f1xmgnlMwFD2GkxFYuw8Ao8npDHwcZd4NtbcY', x'2540f4afe7f5c668', 1760000001000, 4102444800000, 1760000004000, 'use');
INSERT INTO tunnels VALUES ('0123456789abcdef0123456789abcdef', '{"owner":"ann","name":"lab","pool":false,"shared":"all","metadata":{"hostname":"build-7"},"rules":{"deny_domains":["^ads"]},"wantsPort":true,"keyId":"0123456789abcdef"}', x'3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0', x'5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8', 1760000002000, 1760000003000);
INSERT INTO audit VALUES (1, 1760000001000, 'acme', '(operator)', NULL, NULL, 'user_added', 'bob', NULL, 'service of acme/web');
INSERT INTO port_leases VALUES (9001, 'default', 'ann', 'lab', 1760000005000);
PRAGMA user_version = 6;
