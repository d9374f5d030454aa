"""How the node is: sources, journal, sinks, outbox, the machine, the log, who changed what."""
