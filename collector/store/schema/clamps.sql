-- Owner: collector/alarms. What a clamp showed on each phase when an asset was commissioned, beside
-- what its meter showed then (NULL: nothing valid).
CREATE TABLE clamp (
    asset TEXT NOT NULL, at_ms INTEGER NOT NULL, phase TEXT NOT NULL,
    clamp_a REAL NOT NULL, meter_a REAL, person TEXT NOT NULL,
    PRIMARY KEY (asset, at_ms, phase)
) STRICT, WITHOUT ROWID;
