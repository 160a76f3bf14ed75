-- A database of schema 2, with data, as a program of that time left it.
-- It is never changed: the tests open it with the program of today.
CREATE TABLE users (
     name TEXT PRIMARY KEY NOT NULL,
     key_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
CREATE TABLE tunnels (
     id TEXT PRIMARY KEY NOT NULL,
     spec TEXT NOT NULL,
     token_hash BLOB NOT NULL,
     password_hash BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     launched_at INTEGER
   ) STRICT, WITHOUT ROWID;
INSERT INTO users VALUES ('ann', 'scrypt$2$1$1$eRdwCWRaErcsXG9B4IQnMg$-xaWS9YYFI1dWixhYw2YzMNufwKG4NcA_O4qdEmcDpE', 1760000000000);
INSERT INTO users VALUES ('bob', 'sha256$JUD0r-f1xmgnlMwFD2GkxFYuw8Ao8npDHwcZd4NtbcY', 1760000001000);
INSERT INTO tunnels VALUES ('0123456789abcdef0123456789abcdef', '{"owner":"ann","name":"lab","pool":false,"shared":"","metadata":{"hostname":"build-7"},"rules":{"deny_domains":["^ads"]}}', x'3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0', x'5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8', 1760000002000, 1760000003000);
PRAGMA user_version = 2;
