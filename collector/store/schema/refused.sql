-- Owner: collector/site. What counters were not given: refused by the rules, or missed because
-- nobody could prove whose register it was. A person may accept it later, once.
CREATE TABLE refused_energy (
    id TEXT PRIMARY KEY, asset TEXT NOT NULL, measurement TEXT NOT NULL,
    unit TEXT NOT NULL, path TEXT NOT NULL, at_ms INTEGER NOT NULL,
    raw_before REAL NOT NULL, raw_after REAL NOT NULL, amount REAL NOT NULL, times INTEGER NOT NULL,
    why TEXT NOT NULL, alarms INTEGER NOT NULL,
    decided_ms INTEGER, accepted REAL, person TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX refused_energy_open ON refused_energy (decided_ms, at_ms);
