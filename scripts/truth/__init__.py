"""A simulated event against the plant's own figures: what reports say, beside what is true."""
