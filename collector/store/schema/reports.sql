-- Owner: collector/reports. Revisions of reports, and the work on them. `body` is JSON
-- (collector/reports/table.py); the columns are what is looked for.
CREATE TABLE report (
    id TEXT NOT NULL, revision INTEGER NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL,
    part_of TEXT NOT NULL,      -- the event's report that it is a part of, '' for none
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id, revision)
) STRICT;
CREATE INDEX report_of ON report (event, state);
CREATE INDEX report_part_of ON report (part_of);
CREATE INDEX report_to ON report (to_ms);
CREATE TABLE report_job (       -- at most one for each report: what is asked for again joins it
    report TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, part_of TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'retrying', 'failed')),
    due_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX report_job_due ON report_job (state, due_ms);
CREATE INDEX report_job_part_of ON report_job (part_of);
