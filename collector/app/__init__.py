"""The running collector: composes sources, site, journal, sinks and local API into one process."""
