-- Minutes of assets, packed (collector/model/rollup_codec.py). Owner: collector/rollups.
-- Tables whose names begin with "rollup" can be made again from the journal.
CREATE TABLE rollup_track (
    no INTEGER PRIMARY KEY,
    asset TEXT NOT NULL, kind TEXT NOT NULL, system TEXT NOT NULL,
    UNIQUE (asset, kind, system)
) STRICT;
-- An asset's rows lie together: the id is the track's number and the UTC ms at which the row begins.
-- (Not WITHOUT ROWID: there rows above a quarter of a page spill into pages of their own.)
CREATE TABLE rollup (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    track INTEGER GENERATED ALWAYS AS (id >> 42) VIRTUAL,
    from_ms INTEGER GENERATED ALWAYS AS (id & 0x3FFFFFFFFFF) VIRTUAL
) STRICT;
-- Up to when all minutes are stored: before it nothing is missing, behind it there may be parts.
CREATE TABLE rollup_mark (
    only INTEGER PRIMARY KEY CHECK (only = 1), upto_ms INTEGER NOT NULL
) STRICT;
-- What must not expire: the minutes of some assets in a stretch of time (a participation), until
-- the cloud has them all or a person lets go of them. to_ms NULL: it goes on. queued_ms: up to
-- when its records were made for the cloud.
CREATE TABLE hold (
    id TEXT PRIMARY KEY,
    from_ms INTEGER NOT NULL, to_ms INTEGER,
    queued_ms INTEGER NOT NULL,
    confirmed_ms INTEGER, released_ms INTEGER, released_by TEXT
) STRICT;
CREATE TABLE hold_asset (
    hold TEXT NOT NULL REFERENCES hold (id) ON DELETE CASCADE, asset TEXT NOT NULL,
    PRIMARY KEY (hold, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_asset_by_asset ON hold_asset (asset);
-- Records of a hold that were queued for the cloud and not confirmed yet.
CREATE TABLE hold_record (
    record_id TEXT NOT NULL,
    hold TEXT NOT NULL REFERENCES hold (id) ON DELETE CASCADE,
    PRIMARY KEY (record_id, hold)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_record_by_hold ON hold_record (hold);
