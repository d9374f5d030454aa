-- Owner: collector/events. Jobs, who took part, what people added. `body` is the record as JSON
-- (collector.model.event, collector.model.said); the columns are what is looked for. Events and
-- participations are made from their changes (collector.model.event_history).
CREATE TABLE event (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, changed_ms INTEGER NOT NULL,
    conflicts INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE participation (
    id TEXT PRIMARY KEY, event TEXT NOT NULL,
    node TEXT NOT NULL, system TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX participation_of ON participation (event, system, from_ms);
CREATE INDEX participation_by ON participation (node, system, from_ms);
CREATE TABLE event_change (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, subject TEXT NOT NULL, at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX event_change_of ON event_change (event, at_ms);
CREATE INDEX event_change_by ON event_change (subject, at_ms);
-- Ids that an event had where it was created apart.
CREATE TABLE event_alias (id TEXT PRIMARY KEY, event TEXT NOT NULL) STRICT;
-- Up to which row of `assignment` the systems' assets were looked at.
CREATE TABLE event_mark (only INTEGER PRIMARY KEY CHECK (only = 1), assignment INTEGER NOT NULL) STRICT;
CREATE TABLE correction (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL, asset TEXT NOT NULL,
    from_ms INTEGER NOT NULL, to_ms INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX correction_of ON correction (asset, from_ms);
CREATE TABLE log_entry (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL, event TEXT NOT NULL, system TEXT NOT NULL,
    asset TEXT NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX log_entry_at ON log_entry (at_ms);
