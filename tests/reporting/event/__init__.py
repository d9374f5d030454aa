"""The event's report, from hand-made parts."""
