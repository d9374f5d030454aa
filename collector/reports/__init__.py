"""The work on reports: committed with the end of a participation, done in a process of its own."""
