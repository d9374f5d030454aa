"""What was measured: rows of the assets as people corrected them, flows of record, energies."""
