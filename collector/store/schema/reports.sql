-- Owner: collector/reports. Revisions of reports, and the work on them. `body` is the entry as JSON
-- (collector.model.report_state); the columns are what is looked for.
CREATE TABLE report (
    id TEXT NOT NULL, revision INTEGER NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_of ON report (event, state);
CREATE TABLE report_job (
    id TEXT PRIMARY KEY, report TEXT NOT NULL, state TEXT NOT NULL, due_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX report_job_due ON report_job (state, due_ms);
