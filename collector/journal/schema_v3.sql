CREATE TABLE boot (
    boot      TEXT    PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER,
    offset_ms INTEGER,
    how       TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL
) STRICT;
CREATE TABLE gap (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    next_seq INTEGER NOT NULL,
    from_ms  INTEGER NOT NULL,
    to_ms    INTEGER NOT NULL,
    boot     TEXT,
    ticks    INTEGER NOT NULL,
    samples  INTEGER NOT NULL,
    cause    TEXT    NOT NULL
) STRICT;
CREATE TABLE spare (
    id     INTEGER PRIMARY KEY,
    filler BLOB    NOT NULL
) STRICT;
PRAGMA user_version = 3;
