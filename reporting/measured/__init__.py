"""What was measured: rows of the assets as people corrected them, flows of record, energies.

streams ─► corrections ─► tracks (facts, roles) ─► lines of energy, minutes ─► totals, balance
"""

from reporting.measured.model import MINUTE_MS, Measured, Minutes, Track
from reporting.measured.reading import read

__all__ = ["MINUTE_MS", "Measured", "Minutes", "Track", "read"]
