"""The one door to HTTP servers elsewhere: what sinks and outbox send goes through here."""
