"""Commands, without a collector."""
