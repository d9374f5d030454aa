-- Owner: collector/site. Counters, the day's beginnings, and who was met at first contact.
CREATE TABLE counter (
    asset TEXT NOT NULL, measurement TEXT NOT NULL,
    unit TEXT NOT NULL, path TEXT NOT NULL,
    raw REAL NOT NULL, total REAL NOT NULL, gap REAL NOT NULL,
    heard_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, dip_ms INTEGER,
    dip_raw REAL, fell REAL NOT NULL DEFAULT 0, anew INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (asset, measurement)
) STRICT;
CREATE TABLE midnight (
    asset TEXT NOT NULL, measurement TEXT NOT NULL, day TEXT NOT NULL, total REAL NOT NULL,
    PRIMARY KEY (asset, measurement)
) STRICT;
CREATE TABLE pin (
    device TEXT PRIMARY KEY, serial TEXT NOT NULL, model TEXT NOT NULL, since_ms INTEGER NOT NULL
) STRICT;
