-- Owner: collector/control. Assets at which nothing may be commanded, and the tries of the last day
-- by the id that the request had: the same id again writes nothing.
CREATE TABLE lockout (
    asset TEXT PRIMARY KEY, name TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
    person TEXT NOT NULL
) STRICT;
CREATE TABLE control_try (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, fingerprint TEXT NOT NULL, answer BLOB
) STRICT;
CREATE INDEX control_try_at ON control_try (at_ms);
