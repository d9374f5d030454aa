"""Events: their rules, their rows, their merging."""
