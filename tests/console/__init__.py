"""The console and its client."""
