-- A database of schema 1, with data, as a program of that time left it.
-- It is never changed: the tests open it with the program of today.
CREATE TABLE users (
     name TEXT PRIMARY KEY NOT NULL,
     key_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
INSERT INTO users VALUES ('ann', 'scrypt$2$1$1$eRdwCWRaErcsXG9B4IQnMg$-xaWS9YYFI1dWixhYw2YzMNufwKG4NcA_O4qdEmcDpE', 1760000000000);
INSERT INTO users VALUES ('bob', 'sha256$JUD0r-f1xmgnlMwFD2GkxFYuw8Ao8npDHwcZd4NtbcY', 1760000001000);
PRAGMA user_version = 1;
