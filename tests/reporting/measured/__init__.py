"""`Measured`: hand-calculated figures and properties."""
