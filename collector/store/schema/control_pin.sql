-- Owner: collector/control. The PIN that commands take on this node: one row, or none. `hash` is its
-- scrypt (see control/pin.py) with this salt.
CREATE TABLE control_pin (
    one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL, hash BLOB NOT NULL,
    at_ms INTEGER NOT NULL, person TEXT NOT NULL
) STRICT;
