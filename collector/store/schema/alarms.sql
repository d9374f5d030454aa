-- Owner: collector/alarms. Alarms, each step of their lives, what is watched, what was learned.
-- `body` is the alarm as JSON (collector.model.alarm.Alarm); the columns are what is looked for.
CREATE TABLE alarm (
    id TEXT PRIMARY KEY, condition TEXT NOT NULL, open INTEGER NOT NULL,
    raised_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, cleared_ms INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (condition) WHERE open = 1;
CREATE INDEX alarm_raised ON alarm (raised_ms);
CREATE TABLE alarm_change (
    id TEXT PRIMARY KEY, alarm TEXT NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL, what TEXT NOT NULL, person TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_change_of ON alarm_change (alarm, at_ms);
CREATE TABLE commissioned (
    id INTEGER PRIMARY KEY, asset TEXT NOT NULL, at_ms INTEGER NOT NULL, person TEXT NOT NULL,
    note TEXT NOT NULL, released_ms INTEGER, released_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX commissioned_now ON commissioned (asset) WHERE released_ms IS NULL;
CREATE TABLE nominal (
    asset TEXT PRIMARY KEY, volts REAL NOT NULL, hertz REAL NOT NULL, phases TEXT NOT NULL
) STRICT;
