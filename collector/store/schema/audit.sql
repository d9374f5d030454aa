-- Owner: collector/audit. Who changed what, when, over what, from what to what, and the outcome.
CREATE TABLE audit (
    id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL,
    person TEXT NOT NULL, transport TEXT NOT NULL, address TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at_ms);
