"""The sinks, against real receivers."""
