"""Charts of the past: what is asked for, which part of it is looked at, and how it is drawn."""
