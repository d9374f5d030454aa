-- Owner: collector/ingest. Rows that meters posted and that are in the journal: device, time and a
-- digest of what the row said, so that the same row is taken once.
CREATE TABLE posted (
    device TEXT NOT NULL, at_ms INTEGER NOT NULL, digest INTEGER NOT NULL,
    PRIMARY KEY (device, at_ms, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX posted_at ON posted (at_ms);
