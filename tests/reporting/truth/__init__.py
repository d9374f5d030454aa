"""A simulated event, reported by the real reporter, against the plant's own figures."""
