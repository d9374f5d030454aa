-- Owner: collector/outbox. Business records that the cloud does not have yet.
CREATE TABLE outbox_self (      -- one row, made with the first record; it goes with the file
    one INTEGER PRIMARY KEY CHECK (one = 1),
    install TEXT NOT NULL,      -- the installation's id, made once
    node TEXT NOT NULL,         -- the node's present id
    last_revision INTEGER NOT NULL
) STRICT;
CREATE TABLE outbox (
    revision INTEGER PRIMARY KEY,   -- rises with each record; its order is the order of sending
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    node TEXT NOT NULL,             -- where it was made; '' by the present node
    format INTEGER NOT NULL,        -- schema number of the body
    changed_ms INTEGER NOT NULL,
    body BLOB,                      -- JSON; NULL: its kind's loader gives it when it is sent
    files BLOB,                     -- JSON, collector.model.outbox.FileRef of each; NULL: none
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'refused')),
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_turn ON outbox (state, kind);
CREATE INDEX outbox_record ON outbox (record_id, kind);
CREATE TABLE outbox_count (     -- since the file was made
    kind TEXT PRIMARY KEY,
    sent INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    sent_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
