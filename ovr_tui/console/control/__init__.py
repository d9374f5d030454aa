"""What devices can be told: words, rows, facts, and whether control is unlocked here. Pure but for
`unlocking`, which asks the collector."""
