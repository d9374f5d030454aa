"""The simulated site's physics: no I/O, everything determined by seed and steps."""
