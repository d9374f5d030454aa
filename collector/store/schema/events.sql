-- Owner: collector/events. Jobs, who took part, what people added. `body` is the record as JSON
-- (collector.model.event, collector.model.said); the columns are what is looked for.
CREATE TABLE event (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, changed_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE participation (
    id TEXT PRIMARY KEY, event TEXT NOT NULL REFERENCES event (id),
    node TEXT NOT NULL, system TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX participation_of ON participation (event, system, from_ms);
CREATE TABLE event_change (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, subject TEXT NOT NULL, at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX event_change_of ON event_change (event, at_ms);
CREATE TABLE event_conflict (
    subject TEXT NOT NULL, field TEXT NOT NULL, lost_ms INTEGER NOT NULL,
    lost_origin TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (subject, field, lost_ms, lost_origin)
) STRICT, WITHOUT ROWID;
CREATE TABLE correction (
    id TEXT PRIMARY KEY, asset TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX correction_of ON correction (asset, from_ms);
CREATE TABLE log_entry (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, system TEXT NOT NULL, asset TEXT NOT NULL,
    at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX log_entry_at ON log_entry (at_ms);
