-- Owner: collector/assignments. Dated facts about assets, only ever added
-- (collector.model.assignment.Assignment). `replaces`: ids, as a JSON list.
CREATE TABLE assignment (
    id TEXT PRIMARY KEY, asset TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL, from_ms INTEGER NOT NULL, made_ms INTEGER NOT NULL,
    person TEXT NOT NULL, reason TEXT NOT NULL, replaces TEXT NOT NULL
) STRICT;
CREATE INDEX assignment_of ON assignment (asset, what);
