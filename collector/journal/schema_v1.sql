CREATE TABLE batch (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms   INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    boot    TEXT,
    mono_ms INTEGER,
    body    BLOB    NOT NULL
) STRICT;
CREATE TABLE sink (
    name      TEXT    PRIMARY KEY,
    head      INTEGER NOT NULL,
    unsettled TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL
) STRICT;
CREATE TABLE dead (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    sink      TEXT    NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    samples   INTEGER NOT NULL,
    body      BLOB    NOT NULL
) STRICT;
CREATE TABLE ledger (
    counter TEXT    PRIMARY KEY,
    value   INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
